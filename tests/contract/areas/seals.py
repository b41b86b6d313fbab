"""The seals of the audit log: the proof of an event, and the keys that everybody may know (A5)."""

from __future__ import annotations

from accounts.audit_log import events_of_customer, latest
from tests.contract.areas.area import Area
from tests.contract.world import Tenant

TABLE = """
GET  audit_event_proof                     ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  audit_seal_keys                       OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
"""
ONE_FOR_ALL = "one log for everybody: digests and keys, which say nothing of anybody"


def furnish(tenant: Tenant) -> None:
    """An event that has happened before."""
    [event] = latest(events_of_customer(tenant.customer), 1)
    tenant.arguments["<int:event_id>"] = {"event_id": event.pk}


AREA = Area(
    table=TABLE,
    furnish=furnish,
    one_object={"audit_event_proof": "a file about one event", "audit_seal_keys": "one key, or two"},
    unlinked={"audit_seal_keys": "named in docs/audit-seals.md, for those who have no account"},
    no_tenant={
        f"accounts.{model}": ONE_FOR_ALL for model in ("DroppedMonths", "Seal", "SealEra", "SealKey", "Sealing")
    },
    verb_modules=("accounts.seals.eras", "accounts.seals.retention"),
    no_verbs={
        "accounts.seals.eras.database_identity": "a question",
        "accounts.seals.retention.old_months": "a question",
    },
)
