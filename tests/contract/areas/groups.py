from __future__ import annotations

from django.db.models import Model

from accounts.directory import groups
from accounts.directory.group_aliases import add_group_alias
from accounts.models import Address, AuditEvent, DirectoryGroup, GroupMember
from accounts.names import sort_key
from tests.contract.areas.area import Area
from tests.contract.cases import Post, Sender
from tests.contract.lists import ADMIN, AGENT, MANY, List
from tests.contract.world import Tenant, World
from tests.factories import make_person

# Access settings of a group are the customer's own admins' alone (R14).
TABLE = """
GET  groups                                ODDODODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  group                                 ODDODODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  group_create                          ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST group_create                          ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  group_edit                            ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST group_edit                            ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  group_access                          ODDODDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST group_access                          ODDODDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST group_delete                          ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  group_members_add                     ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  group_add_alias                       ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST group_add_alias                       ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST group_remove_alias                    ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST group_members_add                     ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  group_member_role                     ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST group_member_role                     ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST group_member_remove                   ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
"""


def furnish(tenant: Tenant) -> None:
    """A group with a person in it, which is itself in another group."""
    made = [
        groups.create_group(actor=None, customer=tenant.customer, email=f"{name}@{tenant.domain}", name=name.title())
        for name in ("team", "everybody")
    ]
    tenant.rows["team"], tenant.rows["everybody"] = team, everybody = made
    groups.add_members(actor=None, group=team, people=[tenant.people["no role"]])
    groups.add_members(actor=None, group=everybody, subgroups=[team])
    add_group_alias(actor=None, group=team, email=f"crew@{tenant.domain}")
    tenant.rows["member"] = team.members.get()
    tenant.arguments["<int:group_id>"] = {"group_id": team.pk}
    tenant.arguments["<int:member_id>"] = {"member_id": tenant.rows["member"].pk}


def the_group(sender: Sender) -> list[Model]:
    return [sender.world.acme.rows["team"]]


def the_alias(sender: Sender) -> list[Model]:
    return list(Address.objects.filter(email="crew@acme.example"))


def the_member(sender: Sender) -> list[Model]:
    return [sender.world.acme.rows["member"]]


def group_and_what_names_it(sender: Sender) -> list[Model]:
    group = sender.world.acme.rows["team"]
    return [group, *Address.objects.filter(group=group), *group.members.all(), *group.memberships.all()]


def more_groups(world: World) -> None:
    """Groups that the team is in, each with a member."""
    acme = world.acme
    made = DirectoryGroup.objects.bulk_create(
        DirectoryGroup(
            customer=acme.customer,
            email=f"group{number}@{acme.domain}",
            name=f"Group {number}",
            sort_name=sort_key(f"Group {number}"),
        )
        for number in range(MANY)
    )
    team = acme.rows["team"]
    GroupMember.objects.bulk_create(GroupMember(customer=acme.customer, group=g, subgroup=team) for g in made)


def more_members(world: World) -> None:
    """People and groups in the team."""
    acme = world.acme
    team = acme.rows["team"]
    people = [make_person(acme.customer) for _ in range(MANY - 1)]
    inner = groups.create_group(actor=None, customer=acme.customer, email=f"inner@{acme.domain}", name="Inner")
    groups.add_members(actor=None, group=team, people=people, subgroups=[inner])


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "group_create": Post(
            lambda sender: {"name": "Project", "email": f"project@{sender.world.acme.domain}"},
            adds=(DirectoryGroup, Address, AuditEvent),
        ),
        "group_edit": Post(
            lambda sender: {"name": "The team", "email": sender.world.acme.rows["team"].email}, the_group, (AuditEvent,)
        ),
        "group_access": Post(
            lambda sender: {"who_may_join": "owners", "who_may_post": "members", "who_may_see_members": "members"},
            the_group,
            (AuditEvent,),
        ),
        "group_delete": Post(changes=group_and_what_names_it, adds=(AuditEvent,)),
        "group_add_alias": Post(lambda sender: {"email": "second@acme.example"}, adds=(Address, AuditEvent)),
        "group_remove_alias": Post(lambda sender: {"alias": "crew@acme.example"}, the_alias, (AuditEvent,)),
        "group_members_add": Post(
            lambda sender: {"members": sender.world.acme.people["auditor"].email, "role": "manager"},
            adds=(GroupMember, AuditEvent),
        ),
        "group_member_role": Post(lambda sender: {"role": "owner"}, the_member, (AuditEvent,)),
        "group_member_remove": Post(changes=the_member, adds=(AuditEvent,)),
    },
    lists=(
        List("groups", ADMIN, more_groups),
        List("groups", AGENT, more_groups, label="an agent"),
        List("group", ADMIN, more_members),
        List("group", ADMIN, more_groups, label="in many groups"),
    ),
    one_object={
        "group_create": "an empty form",
        "group_edit": "one group",
        "group_access": "one group",
        "group_add_alias": "an empty form",
        "group_members_add": "an empty form",
    },
    scope_tests={
        "accounts.DirectoryGroup": ("tests/web/console/test_groups_pages.py", "stranger"),
        "accounts.GroupMember": ("tests/web/console/test_groups_pages.py", "stranger"),
    },
    verb_modules=("accounts.directory.groups", "accounts.directory.group_aliases"),
    no_verbs={
        "accounts.directory.groups.existing": "a part of the verbs, under their lock",
        "accounts.directory.group_aliases.aliases_of_group": "a question",
    },
)
