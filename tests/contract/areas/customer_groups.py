"""A reseller's groups of customers and its tags, and the download of its list of customers (P4)."""

from __future__ import annotations

from django.db.models import Model

from accounts.actor import Actor
from accounts.models import AuditEvent
from subscriptions import customer_groups
from subscriptions.access.customer_filter import CustomerFilter
from subscriptions.models import CustomerGroup, GroupedCustomer
from subscriptions.models.customer_group import GroupKind
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender, acme_itself
from tests.contract.lists import MANY, RESELLER_ADMIN, List, more_customers
from tests.contract.world import Tenant, World

TABLE = """
POST reseller_customers_export             AAAAAAAL OOOOODD OOOOL  OO     DD     AA     AAAAAAA OOOOODD OO      L
GET  reseller_groups                       AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_groups                       AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_group                        AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_group_rename                 AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_group_rename                 AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_group_delete                 AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_group_add                    AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_group_add                    AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_group_remove                 AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_group_fill                   AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_group_fill                   AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_customer_tags                AAAAAAAL ODDDDDD ODDDL  ND     DD     AA     AAAAAAA ADDDDDD AD      L
"""


def furnish(tenant: Tenant) -> None:
    """A group and a tag with the tenant's customer, and a group without anybody."""
    actor, reseller = Actor(tenant.staff["admin"]), tenant.reseller
    for name, kind in (("group", GroupKind.GROUP), ("tag", GroupKind.TAG), ("empty group", GroupKind.GROUP)):
        made = customer_groups.create_group(actor=actor, reseller=reseller, kind=kind, name=f"{reseller.name} {name}")
        tenant.rows[f"customers' {name}"] = made
        if name != "empty group":
            customer_groups.add_customers(actor=actor, group=made, customers=[tenant.customer.pk])
    of_group = {"group_id": tenant.rows["customers' group"].pk}
    empty = {"group_id": tenant.rows["customers' empty group"].pk}
    tenant.arguments |= {
        "reseller_group": of_group,
        "reseller_group_rename": of_group,
        "reseller_group_delete": of_group,
        "reseller_group_remove": of_group,
        "reseller_group_add": empty,
        "reseller_group_fill": empty,
    }


def more_in_the_group(world: World) -> None:
    more_customers(world)
    for name in ("group", "tag"):
        fill(world, world.acme.rows[f"customers' {name}"])


def fill(world: World, group: CustomerGroup) -> None:
    admin, rule = world.acme.staff["admin"], CustomerFilter()
    seen = customer_groups.candidates(admin, group, rule).seen
    customer_groups.fill_group(actor=Actor(admin), group=group, rule=rule, seen=seen)


def more_groups(world: World) -> None:
    for number in range(MANY):
        customer_groups.create_group(
            actor=Actor(world.acme.staff["admin"]),
            reseller=world.acme.reseller,
            kind=GroupKind.GROUP,
            name=f"Group number {number}",
        )


def the_group(sender: Sender) -> CustomerGroup:
    group = sender.world.acme.rows["customers' group"]
    assert isinstance(group, CustomerGroup)
    return group


def members(sender: Sender, name: str = "group") -> list[Model]:
    return list(GroupedCustomer.objects.filter(group=sender.world.acme.rows[f"customers' {name}"]))


def everybody(sender: Sender) -> Data:
    """Fill the empty group, after a look at whom that adds."""
    world = sender.world
    group, admin = world.acme.rows["customers' empty group"], world.acme.staff["admin"]
    return {"seen": customer_groups.candidates(admin, group, CustomerFilter()).seen}


SAVED = (AuditEvent,)
AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "reseller_customers_export": Post(adds=SAVED),
        "reseller_groups": Post(lambda sender: {"kind": "tag", "name": "New"}, adds=(CustomerGroup, AuditEvent)),
        "reseller_group_rename": Post(lambda sender: {"name": "Far North"}, lambda sender: [the_group(sender)], SAVED),
        "reseller_group_delete": Post(changes=lambda sender: [the_group(sender), *members(sender)], adds=SAVED),
        "reseller_group_add": Post(
            lambda sender: {"domains": sender.world.acme.domain}, adds=(GroupedCustomer, AuditEvent)
        ),
        "reseller_group_remove": Post(acme_itself, members, SAVED),
        "reseller_group_fill": Post(everybody, adds=(GroupedCustomer, AuditEvent)),
        "reseller_customer_tags": Post(changes=lambda sender: members(sender, "tag"), adds=SAVED),
    },
    lists=(
        List("reseller_groups", RESELLER_ADMIN, more_groups),
        List("reseller_group", RESELLER_ADMIN, more_in_the_group),
        List("reseller_group_fill", RESELLER_ADMIN, more_customers, query="?address="),
    ),
    one_object={
        "reseller_group_rename": "GET leads back to reseller_group",
        "reseller_group_add": "GET leads back to reseller_group",
    },
    scope_tests={
        "subscriptions.CustomerGroup": ("tests/subscriptions/test_customer_groups.py", "test_P4_who_sees_which_groups"),
        "subscriptions.GroupedCustomer": (
            "tests/subscriptions/test_customer_groups.py",
            "test_P4_an_agent_finds_in_a_group_only",
        ),
    },
    verb_modules=("subscriptions.customer_groups",),
    no_verbs={"subscriptions.customer_groups.candidates": "a question"},
    queries_in_views={"web/reseller/customer_forms.py: Product": "the vendor's catalogue, the same for everybody"},
)
