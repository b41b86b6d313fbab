"""What messages about events say, and whether their organisation may hear of them at this moment (X6)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from accounts.audit_log import CUSTOMER_EVENTS, RESELLER_EVENTS
from accounts.event_rows import EVENT
from accounts.models import AuditEvent, Customer, Reseller, User, WebhookDelivery
from accounts.models.event_names import EventName
from accounts.moments import rfc3339
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.webhooks.queueing import TEST, Message, Writer

_FOR_CUSTOMERS, _FOR_RESELLERS = frozenset(CUSTOMER_EVENTS), frozenset(RESELLER_EVENTS)


def _event(delivery: WebhookDelivery) -> Message | None:
    """Write a message about an event; None where its organisation may not hear of it now."""
    if delivery.event_id is None or delivery.event_at is None:
        return None
    event = AuditEvent.objects.filter(pk=delivery.event_id, at=delivery.event_at).first()
    if event is None:
        return None
    endpoint = delivery.endpoint
    data = _for_customer(event, endpoint.customer) if endpoint.customer else _for_reseller(event, endpoint.reseller)
    return None if data is None else _message(delivery.type, event.at, data)


def _for_customer(event: AuditEvent, customer: Customer) -> dict[str, Any] | None:
    """A customer hears everything that happens in its console, as its audit log shows it (A4)."""
    if event.customer_id != customer.pk or event.name not in _FOR_CUSTOMERS:
        return None
    return _whole(event, customer, event.old_value)


def _for_reseller(event: AuditEvent, reseller: Reseller | None) -> dict[str, Any] | None:
    """A reseller hears what its own people did, as its log shows it, and whether it has access (A4, R5).

    Of customers that it may know now only: as its admins may.
    """
    if reseller is None or reseller.suspended_at is not None:
        return None
    customer = Customer.objects.filter(pk=event.customer_id).first() if event.customer_id else None
    if event.customer_id and (customer is None or not _knows(reseller, customer)):
        return None
    if event.name not in _FOR_RESELLERS:
        return _decided(event, customer) if customer else None
    if event.actor_reseller_id == reseller.pk:
        # From whom a subscription was taken over is no business of the one who got it (web/audit/lines.py).
        old = None if event.name == EventName.TRANSFER_SUBSCRIPTION else event.old_value
        return _whole(event, customer, old)
    return _decided(event, customer) if customer else None


def _knows(reseller: Reseller, customer: Customer) -> bool:
    """Tell whether a reseller may know a customer at this instant: an admin of it stands for all of it (P4, R13)."""
    admins = User.objects.filter(reseller=reseller, is_active=True, role_assignments__role=Role.RESELLER_ADMIN)
    admin = admins.select_related("reseller").order_by("pk").first()
    return admin is not None and admin.has_perm(Permission.KNOW_CUSTOMER, customer)


def _whole(event: AuditEvent, customer: Customer | None, old: Any) -> dict[str, Any]:
    return {
        **_told(event, customer),
        "subject": event.subject,
        "actor": {
            "kind": event.actor_kind,
            "email": event.actor_email,
            "organisation": event.actor_organisation,
            "onBehalfOf": event.on_behalf_of,
            "machine": event.client_name,
        },
        "oldValue": old,
        "newValue": event.new_value,
        "visit": event.console_session_id,
        "activation": event.activation_id,
    }


# What a reseller may know of a customer's decision: whether it has access, never who decided (R5).
_SAID: Final = frozenset({"allowed", "ends_at", "lasts", "level", "reason", "subscriptions"})


def _decided(event: AuditEvent, customer: Customer) -> dict[str, Any]:
    said = event.new_value if isinstance(event.new_value, dict) else {}
    return {**_told(event, customer), "newValue": {name: said[name] for name in sorted(_SAID & said.keys())}}


def _told(event: AuditEvent, customer: Customer | None) -> dict[str, Any]:
    where = {"domain": customer.primary_domain, "name": customer.name} if customer else None
    return {"event": event.pk, "name": event.name, "customer": where}


def _test(delivery: WebhookDelivery) -> Message:
    name = delivery.endpoint.name
    return _message(delivery.type, delivery.queued_at, {"webhook": name, "text": "This is a test."})


def _message(kind: str, at: datetime, data: dict[str, Any]) -> Message:
    said = {"type": kind, "timestamp": rfc3339(at, "milliseconds"), "data": data}
    return Message(json.dumps(said, ensure_ascii=False))


WRITERS: dict[str, Writer] = {EVENT: _event, TEST: _test}
