from __future__ import annotations

from typing import Any

from django.db.models import Model

from accounts.directory import people
from accounts.directory.renaming import rename_user
from accounts.models import Address, AuditEvent, DirectoryGroup, GroupMember, Kept, Mail, OrgUnit, User
from accounts.models.devices import Device, DeviceKind, DeviceStatus
from accounts.names import sort_key
from accounts.roles import Role
from subscriptions.leaving import delete_user_with_licences
from tests.contract.areas.area import Area
from tests.contract.cases import Post, Sender
from tests.contract.lists import ADMIN, AGENT, MANY, List
from tests.contract.world import Tenant, World
from tests.factories import make_person

TABLE = """
# Users: for those who manage people, and for agents who are inside; the download never for agents (R14)
GET  users                                 ODDOOODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST users_export                          ODDODDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  user_new                              ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_new                              ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  user                                  ODDOOODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  user_edit                             ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_edit                             ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_invite                           ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_suspend                          ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_restore                          ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_delete                           ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_undelete                         ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  user_reset_password                   ODDOODDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_reset_password                   ODDOODDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  user_add_alias                        ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_add_alias                        ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_remove_alias                     ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
"""


def furnish(tenant: Tenant) -> None:
    """Somebody with an alias and without a role, somebody suspended, and somebody deleted."""
    name, domain = tenant.customer.name, tenant.domain
    person = make_person(tenant.customer, name=f"{name} Person", email=f"alias.{name.lower()}@{domain}")
    tenant.rows["person"] = rename_user(actor=None, person=person, email=f"{name.lower()}person@{domain}")
    suspended, deleted = (make_person(tenant.customer, name=f"{name} {word}") for word in ("Away", "Gone"))
    tenant.rows["suspended person"] = people.suspend_user(actor=None, person=suspended)
    tenant.rows["deleted person"] = delete_user_with_licences(actor=None, person=deleted)
    tenant.arguments["<int:user_id>"] = {"user_id": person.pk}
    tenant.arguments["user_restore"] = {"user_id": suspended.pk}
    tenant.arguments["user_undelete"] = {"user_id": deleted.pk}


def row(name: str) -> Any:
    return lambda sender: [User.objects.get(pk=sender.world.acme.rows[name].pk)]


def form(sender: Sender, **typed: str) -> dict[str, Any]:
    acme = sender.world.acme
    root = OrgUnit.objects.get(customer=acme.customer, parent=None)
    known = {"given_name": "Acme Changed", "email": acme.rows["person"].email, "org_unit": str(root.pk)}
    return known | typed


def alias(sender: Sender) -> list[Model]:
    return list(Address.objects.filter(email="alias.acme@acme.example"))


def more_people(world: World) -> None:
    for number in range(MANY):
        make_person(world.acme.customer, Role.AUDITOR, Role.SUPPORT, name=f"Person {number}")


def more_of_one_person(world: World) -> None:
    """Aliases, groups and devices of one person."""
    person, customer = world.acme.rows["person"], world.acme.customer
    for number in range(MANY):
        email = f"many{number}@acme.example"
        Address.objects.create(email=email, user=person)
        group = DirectoryGroup.objects.create(
            customer=customer, email=f"g{email}", name=f"Group {number}", sort_name=sort_key(f"Group {number}")
        )
        GroupMember.objects.create(customer=customer, group=group, user=person)
        Device.objects.create(
            customer=customer,
            org_unit=person.org_unit,
            user=person,
            kind=DeviceKind.ANDROID,
            serial_number=f"S{number}",
            status=DeviceStatus.APPROVED,
        )


SAVED = (AuditEvent,)
AREA = Area(
    table=TABLE,
    posts={
        "users_export": Post(adds=SAVED),
        "user_new": Post(
            lambda sender: form(
                sender, given_name="Acme", family_name="New", email="new@acme.example", password="link"
            ),
            adds=(User, Address, AuditEvent),
        ),
        "user_edit": Post(form, row("person"), SAVED),
        "user_invite": Post(adds=(Mail, AuditEvent)),
        "user_suspend": Post(changes=row("person"), adds=SAVED),
        "user_restore": Post(changes=row("suspended person"), adds=SAVED),
        "user_delete": Post(changes=row("person"), adds=SAVED),
        "user_undelete": Post(changes=row("deleted person"), adds=SAVED),
        "user_reset_password": Post(changes=row("person"), adds=(AuditEvent, Kept)),
        "user_add_alias": Post(lambda sender: {"email": "second@acme.example"}, adds=(Address, AuditEvent)),
        "user_remove_alias": Post(lambda sender: {"alias": "alias.acme@acme.example"}, alias, SAVED),
    },
    furnish=furnish,
    lists=(
        List("users", ADMIN, more_people),
        List("users", AGENT, more_people, label="an agent"),
        List("users", ADMIN, more_people, query="?q=acme&role=any&licence=none&order=-sign-in"),
        List("user", ADMIN, more_of_one_person),
        List("user", AGENT, more_of_one_person, label="an agent"),
    ),
    one_object={
        "user_new": "one form; the units of a tree are read with one query",
        "user_edit": "one person; the units of a tree are read with one query",
        "user_add_alias": "an empty form",
        "user_reset_password": "one person",
    },
    unlinked={"user_reset_password": "sent there by the form"},
    scope_tests={"accounts.Address": ("tests/web/console/test_users_page.py", "stranger")},
    no_tenant={"accounts.Kept": "of one person at one browser (tests/web/console/test_users_page.py, waiting)"},
    verb_modules=(
        "accounts.directory.contact",
        "accounts.directory.signing_out",
        "accounts.directory.passwords",
        "accounts.directory.renaming",
        "accounts.directory.deleting",
        "accounts.directory.invitations",
        "accounts.directory.moving",
        "accounts.directory.suspending",
        "accounts.directory.exporting",
        "subscriptions.leaving",
    ),
    no_verbs={
        "accounts.directory.contact.clean_contact": "spelling",
        "accounts.directory.renaming.refuse_more_aliases": "a rule, which says how many",
        "accounts.directory.deleting.deleting": "a rule, which says for whom",
        "accounts.directory.invitations.inviting": "a rule, which says for whom",
        "accounts.directory.moving.moving": "a rule, which says for whom",
        "accounts.directory.suspending.restoring": "a rule, which says for whom",
        "accounts.directory.suspending.suspending": "a rule, which says for whom",
        "accounts.directory.invitations.awaits_password": "a question",
        "accounts.directory.invitations.last_invitation": "a question",
        "accounts.directory.invitations.limit_reached": "a piece of text",
        "accounts.directory.invitations.send_again": "part of the verbs that invite somebody, which have asked",
        "accounts.directory.invitations.send_invitations": "part of the verbs that create people",
        "accounts.directory.passwords.unusable_password": "a word in place of a digest",
        "accounts.directory.passwords.temporary_password": "a word, given to nobody yet",
        "accounts.directory.passwords.set_first_password": "part of create_user, which writes the event",
    },
)
