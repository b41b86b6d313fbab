"""Events of the audit log as a person reads them (A4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import EventName
from accounts.models import AuditEvent, Customer
from accounts.models.audit_event import ActorKind
from web.audit.words import Difference, differences


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a person reads it.

    outside: from where someone acted who does not belong to the customer (A4); empty for its own people.
    where: the customer it happened at, on a reseller's page.
    """

    at: datetime
    code: str
    event: str
    actor: str
    organisation: str
    outside: str
    on_behalf_of: str
    subject: str
    differences: list[Difference]
    ip_address: str
    where: str = ""


def customer_line(event: AuditEvent) -> Line:
    """Put an event into words for the customer in whose console it happened."""
    return _line(event, outside=str(_outside(event)))


def reseller_lines(events: list[AuditEvent]) -> list[Line]:
    """Put events into words for the reseller whose agents did them; one query for the customers' names."""
    customers = Customer.objects.in_bulk({e.customer_id for e in events if e.customer_id})
    return [_reseller_line(event, customers) for event in events]


def _reseller_line(event: AuditEvent, customers: dict[Any, Customer]) -> Line:
    customer = customers.get(event.customer_id)
    # From whom a subscription was taken over is no business of the one who got it.
    old = None if event.name == EventName.TRANSFER_SUBSCRIPTION else event.old_value
    return _line(event, old=old, where=customer.name if customer else "")


_UNSET = object()


def _line(event: AuditEvent, *, outside: str = "", where: str = "", old: Any = _UNSET) -> Line:
    return Line(
        at=event.at,
        code=event.name,
        event=event.get_name_display(),
        actor=event.actor_email or _("System"),
        organisation=event.actor_organisation,
        outside=outside,
        on_behalf_of=event.on_behalf_of,
        subject=event.subject,
        differences=differences(event.old_value if old is _UNSET else old, event.new_value),
        ip_address=event.ip_address or "",
        where=where,
    )


def _outside(event: AuditEvent) -> Promise | str:
    if event.actor_kind == ActorKind.RESELLER:
        return gettext_lazy("Your reseller")
    if event.actor_kind == ActorKind.SUPPORT_PARTNER:
        return gettext_lazy("Your support partner")
    if event.actor_kind == ActorKind.VENDOR:
        return settings.VENDOR_NAME
    return ""
