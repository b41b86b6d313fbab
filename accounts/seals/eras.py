"""Eras: a restored database's transactions do not go on where the seals ended, so an operator begins a new era (A5)."""

from __future__ import annotations

from django.db import connection, transaction

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.errors import Refused
from accounts.models import SealEra
from accounts.seals.sealing import SEALERS

# The server, which keeps this number for its life, and the database in it. As migration 0035 writes it.
_DATABASE = """
    SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || oid
    FROM pg_database WHERE datname = current_database()
"""
# Numbers that were given and not used count as given; so what is written from here on stands above.
_LAST_NUMBER = """
    SELECT greatest(
        (SELECT coalesce(max(id), 0) FROM accounts_auditevent),
        (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM accounts_auditevent_id_seq)
    )
"""


def database_identity() -> str:
    """Return what names this database among all others, also among its copies on other servers."""
    with connection.cursor() as cursor:
        cursor.execute(_DATABASE)
        return str(cursor.fetchone()[0])


def begin_seal_era(*, actor: Actor | None, reason: str) -> SealEra:
    """Begin a new era, as the owner of the tables: what is written from now on is sealed in it (A5).

    What the database has beyond its last seal is sealed first. Everybody who writes an event waits for a moment.

    reason: why, for those who verify the log. Raises Refused without one.
    """
    said = " ".join(reason.split())
    if not said or len(said) > 300:
        raise Refused("Say why in at most 300 characters: what was restored, and from when.", "--reason")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALERS])
            # No event is on its way then: each that comes has a number above all that are there.
            cursor.execute("LOCK TABLE accounts_auditevent IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute(_LAST_NUMBER)
            [after_id] = cursor.fetchone()
        last = SealEra.objects.order_by("-number").values_list("number", flat=True).first() or 0
        era = SealEra.objects.create(number=last + 1, after_id=after_id, reason=said, database=database_identity())
        record_audit(
            EventName.BEGIN_SEAL_ERA,
            actor=actor,
            customer=None,
            subject=str(era),
            new={"era": era.number, "reason": said},
        )
        return era
