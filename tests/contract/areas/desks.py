"""Desks of partners and of vendor support (S13), and requests that are confirmed in place (S4)."""

from __future__ import annotations

from accounts.models import AuditEvent, Mail
from support.models import CaseNote, PartnerAssignee
from tests.contract.areas.area import Area
from tests.contract.cases import Post, requested
from tests.contract.lists import MANY, SUPPORT_AGENT, VENDOR_SUPPORT, List
from tests.contract.world import Tenant, World

TABLE = """
POST reseller_support_decide               AAAAAAAL ADDDDOD ADDDL  AD     DD     AA     AAAAAAA ADDDDAD AD      L
"""


def furnish(tenant: Tenant) -> None:
    """A colleague and a note at the reseller, and a note at the vendor."""
    agent = tenant.staff["support agent"]
    PartnerAssignee.objects.create(case=tenant.case, reseller=tenant.reseller, assignee=agent)
    for reseller in (tenant.reseller, None):
        CaseNote.objects.create(case=tenant.case, reseller=reseller, text="Call them first", by=agent)
    tenant.arguments["reseller_support_decide"] = {"assignment_id": tenant.requested.pk}


def more_notes(world: World) -> None:
    case, agent = world.acme.case, world.acme.staff["support agent"]
    CaseNote.objects.bulk_create(
        CaseNote(case=case, reseller=reseller, text="More", by=agent)
        for reseller in (world.acme.reseller, None)
        for _ in range(MANY)
    )


AREA = Area(
    table=TABLE,
    posts={
        "reseller_support_decide": Post(lambda sender: {"decision": "confirm"}, requested, (Mail, AuditEvent)),
    },
    furnish=furnish,
    lists=(
        List("reseller_case", SUPPORT_AGENT, more_notes, label="notes"),
        List("vendor_case", VENDOR_SUPPORT, more_notes, label="notes"),
    ),
    scope_tests={
        "support.CaseNote": ("tests/support/test_desks.py", "test_S13_notes_are_read_by_ones_own_people_only"),
        "support.PartnerAssignee": ("tests/support/test_desks.py", "test_S13_each_partner_has_an_assignee_of_its_own"),
    },
    verb_modules=("support.partner_desk", "support.case_notes"),
    no_verbs={
        "support.partner_desk.assignees_in_place": "a query set",
        "support.partner_desk.colleagues": "a query set",
        "support.partner_desk.is_at_partner": "a condition",
        "support.partner_desk.with_partner_assignee": "a query set",
        "support.partner_desk.record_internal": "writes the event of a verb, which has the actor",
        "support.case_notes.notes_visible_to": "a query set",
    },
)
