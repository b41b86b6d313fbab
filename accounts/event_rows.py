"""What waits for workers because of an event: rows that are written with it, in its transaction (R25, X6).

One statement for all events of a verb notes those of which people are told, and looks whether an endpoint could hear
of them: almost never. Only then a second one queues the messages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from accounts.audit_log import CUSTOMER_EVENTS, RESELLER_EVENTS
from accounts.event_families import FAMILY_OF, TYPE_OF
from accounts.models import AuditEvent
from accounts.models.webhooks import ACTIVITY, WEBHOOK
from accounts.notices.table import NOTICES

# How a message about an event is written (settings.WEBHOOK_WRITERS).
EVENT: Final = "event"
SEND_WEBHOOKS: Final = "accounts.tasks.send_webhooks"
_OF_CUSTOMERS, _OF_RESELLERS = frozenset(CUSTOMER_EVENTS), frozenset(RESELLER_EVENTS)
_COLUMNS: Final = {
    "id": "bigint",
    "at": "timestamptz",
    "name": "text",
    "customer_id": "bigint",
    "actor_reseller_id": "bigint",
    "target_kind": "text",
    "target_id": "bigint",
    "access_change_id": "bigint",
    "activation_id": "bigint",
    "about_id": "bigint",
}
_WRITTEN: Final = f"""
    SELECT * FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _COLUMNS.items())})
    AS e({", ".join(_COLUMNS)})"""  # noqa: S608  constants
_LIVE: Final = f"p.removed_at IS NULL AND p.paused_at IS NULL AND p.kind IN ('{WEBHOOK}', '{ACTIVITY}')"
# What every event costs: those who must be told are noted, and it is looked whether an endpoint could hear of it.
_UNTOLD: Final = """
    WITH untold AS (
        INSERT INTO accounts_untoldevent (event_id, about_id)
        SELECT * FROM unnest(%(untold)s::bigint[], %(abouts)s::bigint[])
    )"""
_LOOK: Final = f"""
    SELECT EXISTS (SELECT 1 FROM accounts_webhookendpoint p WHERE {_LIVE} AND p.customer_id = ANY(%(customers)s))
        OR EXISTS (SELECT 1 FROM accounts_webhookendpoint p WHERE {_LIVE} AND {{of_resellers}})"""  # noqa: S608  constants
# Two ways in which an event is an organisation's: it happened in its console, or its people did it (A4).
_OWN: Final = f"""
    SELECT p.id AS endpoint_id, e.id, e.at, e.name, p.families, p.kind FROM written e
    JOIN accounts_webhookendpoint p ON p.customer_id = e.customer_id AND {_LIVE}
    WHERE e.name = ANY(%(of_customers)s)
    UNION
    SELECT p.id, e.id, e.at, e.name, p.families, p.kind FROM written e
    JOIN accounts_webhookendpoint p ON p.reseller_id = e.actor_reseller_id AND {_LIVE}
    WHERE e.name = ANY(%(of_resellers)s)"""  # noqa: S608  constants
# A third one: what a customer decides about a reseller.
_DECIDED: Final = f"""
    UNION
    SELECT p.id, e.id, e.at, e.name, p.families, p.kind FROM written e
    CROSS JOIN LATERAL ({{hears}}) h (reseller_id)
    JOIN accounts_webhookendpoint p ON p.reseller_id = h.reseller_id AND {_LIVE}
    WHERE e.name IN ({{names}})"""  # noqa: S608  constants
_QUEUE: Final = f"""
    INSERT INTO accounts_webhookdelivery (endpoint_id, kind, type, event_id, event_at)
    SELECT h.endpoint_id, CASE h.kind WHEN '{WEBHOOK}' THEN '{EVENT}' ELSE h.kind END,
        %(types)s::jsonb ->> h.name, h.id, h.at FROM ({{heard}}) h
    WHERE (%(families)s::jsonb ->> h.name) = ANY(h.families) ORDER BY h.at, h.id
"""  # noqa: S608  constants


@cache
def hearers() -> Mapping[str, str]:
    """Return which resellers a customer's decision is about: a SELECT of their ids about `e`, by the event's name."""
    found: dict[str, str] = {}
    for path in settings.WEBHOOK_HEARERS:
        found |= {str(name): sql for name, sql in import_string(path).items()}
    return found


def write_event_rows(events: Collection[AuditEvent]) -> bool:
    """Note the events of which people are told, and queue messages about them. Needs the transaction of the events.

    Returns whether a message was queued.
    """
    told = [event for event in events if event.name in NOTICES]
    heard = {event.name for event in events if event.name in FAMILY_OF}
    if not told and not heard:
        return False
    decided = heard & hearers().keys()
    look = _LOOK.format(of_resellers="p.reseller_id IS NOT NULL" if decided else "p.reseller_id = ANY(%(resellers)s)")
    params: dict[str, Any] = {
        "untold": [event.pk for event in told],
        "abouts": [event.about_id for event in told],
        "customers": list({event.customer_id for event in events if event.customer_id}),
        "resellers": list({event.actor_reseller_id for event in events if event.actor_reseller_id}),
    }
    with connection.cursor() as cursor:
        cursor.execute(f"{_UNTOLD if told else ''}{look}", params)
        [could_be_heard] = cursor.fetchone()
        if not (heard and could_be_heard):
            return False
        written = {name: [getattr(event, name) for event in events] for name in _COLUMNS}
        cursor.execute(_statement(tuple(sorted(decided))), written | _names(heard))
        return bool(cursor.rowcount > 0)


def queue_selected(names: Iterable[str]) -> tuple[str, dict[str, Any]]:
    """Return the statement that queues messages about events that a WITH query `written` returns, and its parameters.

    names: of all of them. An empty statement: no endpoint of any organisation hears of them.
    """
    heard = {name for name in names if name in FAMILY_OF}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT EXISTS (SELECT 1 FROM accounts_webhookendpoint p WHERE {_LIVE})")  # noqa: S608
        [is_any] = cursor.fetchone()
    return (_QUEUE.format(heard=_OWN), _names(heard)) if heard and is_any else ("", {})


def _names(heard: Collection[str]) -> dict[str, Any]:
    quoted = connection.ops.adapt_json_value
    return {
        "of_customers": [name for name in heard if name in _OF_CUSTOMERS],
        "of_resellers": [name for name in heard if name in _OF_RESELLERS],
        "types": quoted({name: TYPE_OF[name] for name in heard}, None),
        "families": quoted({name: FAMILY_OF[name] for name in heard}, None),
    }


@cache
def _statement(decided: tuple[str, ...]) -> str:
    """Return what queues the messages. decided: the names among the events with hearers of their own."""
    heard = _OWN
    by_sql: dict[str, list[str]] = {}
    for name in decided:
        by_sql.setdefault(hearers()[name], []).append(name)
    for sql, names in by_sql.items():
        heard += _DECIDED.format(hears=sql, names=", ".join(f"'{name}'" for name in names))
    return f"WITH written AS MATERIALIZED ({_WRITTEN}){_QUEUE.format(heard=heard)}"
