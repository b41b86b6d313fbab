"""Events of the audit log as activities: resources of the Reports API."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.crypto import salted_hmac

from accounts.audit import EventName
from accounts.models import AuditEvent, Customer, ServiceAccount, User
from accounts.models.audit_event import ActorKind
from accounts.moments import rfc3339
from api.reports.asked import Log
from api.reports.parameters import parameters_of
from api.reports.table import FORMS


def shown(events: Collection[AuditEvent], log: Log) -> list[dict[str, Any]]:
    """Return the resources of events: three queries, however many there are."""
    known = _Known.of(events, log)
    return [_activity(event, log, known) for event in events]


@dataclass(frozen=True, slots=True)
class _Known:
    """What events only point at: people's ids, machines, and where it happened."""

    people: dict[int, str]
    machines: dict[int, str]
    customers: dict[int, Customer]

    @classmethod
    def of(cls, events: Collection[AuditEvent], log: Log) -> _Known:
        people = {event.actor_id for event in events if event.actor_id}
        machines = {event.client_id for event in events if event.client_id}
        customers = {event.customer_id for event in events if event.customer_id}
        return cls(
            dict(User.objects.filter(pk__in=people).values_list("pk", "public_id")) if people else {},
            dict(ServiceAccount.objects.filter(pk__in=machines).values_list("pk", "unique_id")) if machines else {},
            {log.customer.pk: log.customer} if log.customer else Customer.objects.in_bulk(customers),
        )


def _activity(event: AuditEvent, log: Log, known: _Known) -> dict[str, Any]:
    form = FORMS[EventName(event.name)]
    customer = known.customers.get(event.customer_id or 0)
    # From whom a subscription was taken over is no business of the reseller that got it.
    with_old = log.customer is not None or event.name != EventName.TRANSFER_SUBSCRIPTION
    parameters = parameters_of(form, event, with_old=with_old)
    activity: dict[str, Any] = {
        "kind": "admin#reports#activity",
        "id": {
            "time": rfc3339(event.at, "milliseconds"),
            "uniqueQualifier": qualifier_of(event),
            "applicationName": form.application,
            **({"customerId": customer.customer_id} if customer else {}),
        },
        "actor": _actor(event, known),
        "events": [
            {"type": form.type, "name": event.name, **({"parameters": parameters} if parameters else {})},
        ],
    }
    activity |= {"ownerDomain": customer.primary_domain} if customer else {}
    return activity | ({"ipAddress": event.ip_address} if event.ip_address else {})


def _actor(event: AuditEvent, known: _Known) -> dict[str, Any]:
    """Return who did it: a person, the system itself, or a machine for a person."""
    if event.actor_kind == ActorKind.SYSTEM:
        return {"callerType": "KEY", "key": "SYSTEM"}
    actor: dict[str, Any] = {"callerType": "USER", "email": event.actor_email}
    if event.actor_id and (profile := known.people.get(event.actor_id)):
        actor["profileId"] = profile
    if event.client_id:
        actor["applicationInfo"] = {
            "applicationName": event.client_name or "",
            "impersonation": event.actor_id is not None,
        } | ({"oauthClientId": known.machines[event.client_id]} if event.client_id in known.machines else {})
    return actor


def qualifier_of(event: AuditEvent) -> str:
    """Return what tells events of one moment apart, and says nothing of how many there are: a signed number."""
    digest = hashlib.blake2b(event.pk.to_bytes(8, "big"), key=_secret(), digest_size=8).digest()
    return str(int.from_bytes(digest, "big", signed=True))


@cache
def _secret() -> bytes:
    """Return what nobody can undo the numbers without: made once, for a page has a thousand of them."""
    return salted_hmac("api.reports.activity", "").digest()
