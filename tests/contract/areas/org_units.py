from __future__ import annotations

from django.db.models import Model

from accounts.directory import org_units
from accounts.directory.tree import tree_of
from accounts.models import AuditEvent, OrgUnit
from tests.contract.areas.area import Area
from tests.contract.cases import Post, Sender
from tests.contract.lists import ADMIN, AGENT, MANY, List
from tests.contract.world import Tenant, World

TABLE = """
GET  org_units                             ODDODODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  org_unit                              ODDODODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  org_unit_create                       ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST org_unit_create                       ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  org_unit_edit                         ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST org_unit_edit                         ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  org_unit_move                         ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST org_unit_move                         ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST org_unit_remove                       ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
"""


def furnish(tenant: Tenant) -> None:
    """Two units below the root; nothing is in them."""
    root = tree_of(tenant.customer).root
    for name in ("Sales", "Archive"):
        tenant.rows[name] = org_units.create_org_unit(actor=None, customer=tenant.customer, parent=root, name=name)
    tenant.arguments["<int:unit_id>"] = {"unit_id": tenant.rows["Sales"].pk}


def the_unit(sender: Sender) -> list[Model]:
    return [sender.world.acme.rows["Sales"]]


def more_units(world: World) -> None:
    _grow_below(world.acme.rows["Sales"])


def more_places(world: World) -> None:
    """Units that Sales could be moved to."""
    _grow_below(world.acme.rows["Archive"])


def _grow_below(parent: OrgUnit) -> None:
    OrgUnit.objects.bulk_create(
        OrgUnit(customer=parent.customer, parent=parent, name=f"Unit {number}", sort_name=f"unit {number}")
        for number in range(MANY)
    )


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "org_unit_create": Post(
            lambda sender: {"name": "Marketing", "parent": str(sender.world.acme.rows["Sales"].pk)},
            adds=(OrgUnit, AuditEvent),
        ),
        "org_unit_edit": Post(
            lambda sender: {"name": "Selling", "approves_mobile_devices": "on"}, the_unit, (AuditEvent,)
        ),
        "org_unit_move": Post(
            lambda sender: {"parent": str(sender.world.acme.rows["Archive"].pk)}, the_unit, (AuditEvent,)
        ),
        "org_unit_remove": Post(changes=the_unit, adds=(AuditEvent,)),
    },
    lists=(
        List("org_units", ADMIN, more_units),
        List("org_units", AGENT, more_units, label="an agent"),
        List("org_unit", ADMIN, more_units),
        List("org_unit_create", ADMIN, more_units),
        List("org_unit_move", ADMIN, more_places),
    ),
    one_object={"org_unit_edit": "one unit"},
    scope_tests={"accounts.OrgUnit": ("tests/web/console/test_org_units_pages.py", "stranger")},
    verb_modules=("accounts.directory.org_units",),
)
