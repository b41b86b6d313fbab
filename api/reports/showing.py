"""Events of the audit log as activities: resources of the Reports API."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.utils.crypto import salted_hmac

from accounts.audit import EventName
from accounts.models import AuditEvent, Customer, ServiceAccount, User
from accounts.models.audit_event import ActorKind
from accounts.moments import rfc3339
from api.reports.asked import Log
from api.reports.parameters import parameters_of
from api.reports.table import FORMS

# By the name as a row has it: to look up a member first takes longer.
_FORMS: Final = {name.value: form for name, form in FORMS.items()}


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
    form = _FORMS[event.name]
    customer = known.customers.get(event.customer_id or 0)
    # From whom a subscription was taken over is no business of the reseller that got it.
    with_old = log.customer is not None or event.name != EventName.TRANSFER_SUBSCRIPTION
    place: dict[str, Any] = {
        "time": rfc3339(event.at, "milliseconds"),
        "uniqueQualifier": qualifier_of(event),
        "applicationName": form.application,
    }
    happened: dict[str, Any] = {"type": form.type, "name": event.name}
    activity: dict[str, Any] = {
        "kind": "admin#reports#activity",
        "id": place,
        "actor": _actor(event, known),
        "events": [happened],
    }
    if parameters := parameters_of(form, event, with_old=with_old):
        happened["parameters"] = parameters
    if customer:
        place["customerId"] = customer.customer_id
        activity["ownerDomain"] = customer.primary_domain
    if event.ip_address:
        activity["ipAddress"] = event.ip_address
    return activity


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
    begun = _begun().copy()
    begun.update(event.pk.to_bytes(8, "big"))
    return str(int.from_bytes(begun.digest(), "big", signed=True))


@cache
def _begun() -> hashlib.blake2b:
    """Return a hash with what nobody can undo the numbers without: begun once, for a page has a thousand of them."""
    return hashlib.blake2b(key=salted_hmac("api.reports.activity", "").digest(), digest_size=8)
