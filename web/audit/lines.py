"""Events of the audit log as a person reads them (A4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.audit import EventName
from accounts.audit_log import OF_THE_LOG
from accounts.models import AuditEvent, Customer
from accounts.models.audit_event import ActorKind
from web.audit.targets import Key, Reader, pages_of
from web.audit.words import Difference, differences


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a person reads it.

    outside: from where someone acted who does not belong to the customer (A4); empty for its own people.
    where: the customer it happened at, on a reseller's page; for operators any organisation, and where_url its page.
    visit, activation: the numbers of those during which it was done (R20, R23).
    about: what stands for its object in the address of the log ("user:12").
    number: the event's own.
    url: the page of that object; empty where it is gone, or where this reader may not open it.
    machine: the service account with which a machine did it for the actor (X1).
    """

    number: int
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
    visit: int | None
    activation: int | None
    about: str
    where: str = ""
    where_url: str = ""
    url: str = ""
    machine: str = ""


def customer_line(event: AuditEvent, urls: Mapping[Key, str] | None = None) -> Line:
    """Put an event into words for the customer in whose console it happened. urls: as targets.pages_of gives them."""
    return _line(event, outside=_outside(event), urls=urls)


def customer_lines(events: Iterable[AuditEvent], reader: Reader) -> list[Line]:
    """Put events into words for a person of the customer, each with the page of what it is about."""
    found = list(events)
    urls = pages_of(found, reader)
    return [customer_line(event, urls) for event in found]


def reseller_lines(events: list[AuditEvent]) -> list[Line]:
    """Put events into words for the reseller whose agents did them; one query for the customers' names."""
    customers = Customer.objects.in_bulk({e.customer_id for e in events if e.customer_id})
    return [_reseller_line(event, customers) for event in events]


def _reseller_line(event: AuditEvent, customers: dict[Any, Customer]) -> Line:
    customer = customers.get(event.customer_id)
    # From whom a subscription was taken over is no business of the one who got it.
    old = None if event.name == EventName.TRANSFER_SUBSCRIPTION else event.old_value
    return _line(event, old=old, where=customer.name if customer else "")


# Of an organisation, and not of anybody or anything in it: operators read them with their values.
_OF_ORGANISATIONS: frozenset[str] = OF_THE_LOG | {
    EventName.CREATE_CUSTOMER,
    EventName.CHANGE_CUSTOMER,
    EventName.CREATE_RESELLER,
    EventName.SUSPEND_RESELLER,
    EventName.UNSUSPEND_RESELLER,
    EventName.LIFT_RATE_LIMIT,
    EventName.CUSTOMER_CARE_MOVE_SCHEDULED,
    EventName.CUSTOMER_CARE_MOVE_ANNOUNCED,
    EventName.CUSTOMER_CARE_MOVED,
    *(name for name in EventName if "DOMAIN" in name),
}

# What stands in them is the organisation's, also where the vendor acts: cases, which vendor support alone reads, and
# the names of files.
_WITH_CONTENT: frozenset[str] = frozenset(name for name in EventName if "CASE" in name) | {EventName.BULK_STOPPED}


def operator_lines(events: list[AuditEvent], named: str = "") -> list[Line]:
    """Put events into words for an operator; one query for the customers' names.

    What the vendor did, and what is about an organisation, they read with its values, but for cases and files. Of
    everything else only that it happened, where and when, and not whom or what it is about; of failed sign-ins how many
    from which network. Who did it, and their IP address, never of a person of an organisation whom they did not name.
    named: the address that they asked for.
    """
    customers = Customer.objects.in_bulk({e.customer_id for e in events if e.customer_id})
    return [_operator_line(event, customers, named) for event in events]


def _operator_line(event: AuditEvent, customers: dict[Any, Customer], named: str) -> Line:
    customer = customers.get(event.customer_id)
    line = _line(event, where=customer.name if customer else event.actor_organisation)
    if customer:
        line = replace(line, where_url=reverse("operations_organisation", args=["customer", customer.pk]))
    is_vendors = event.actor_kind == ActorKind.VENDOR
    if not (is_vendors or event.actor_kind == ActorKind.SYSTEM or (named and event.actor_email == named)):
        line = replace(line, actor="", ip_address="", machine="")
    if event.name in _OF_ORGANISATIONS or (is_vendors and event.name not in _WITH_CONTENT):
        return line
    told = line.differences if event.name == EventName.LOGIN_FAILURE else []
    return replace(line, subject="", differences=told, about="")


_UNSET = object()


def _line(
    event: AuditEvent, *, outside: str = "", where: str = "", old: Any = _UNSET, urls: Mapping[Key, str] | None = None
) -> Line:
    labels, kind, pk = _labels(get_language()), event.target_kind, event.target_id
    return Line(
        number=event.pk,
        at=event.at,
        code=event.name,
        event=labels.get(event.name, event.name),
        actor=event.actor_email or labels[ActorKind.SYSTEM],
        organisation=event.actor_organisation,
        outside=outside,
        on_behalf_of=event.on_behalf_of,
        subject=event.subject,
        differences=differences(event.old_value if old is _UNSET else old, event.new_value),
        ip_address=event.ip_address or "",
        visit=event.console_session_id,
        activation=event.activation_id,
        about=f"{kind}:{pk}" if kind else "",
        where=where,
        machine=event.client_name or "",
        url=urls.get((kind, pk), "") if urls and kind and pk else "",
    )


def _outside(event: AuditEvent) -> str:
    if event.actor_kind == ActorKind.VENDOR:
        return settings.VENDOR_NAME
    if event.actor_kind in (ActorKind.RESELLER, ActorKind.SUPPORT_PARTNER):
        return _labels(get_language())[f"outside {event.actor_kind}"]
    return ""


@cache
def _labels(language: str | None) -> dict[str, str]:
    """Return what is the same in every line, in the language that is set.

    Looking up a translation takes a lock, and `get_name_display()` hashes every label of its field: for fifty rows
    that was 40 % of the page.
    """
    return {
        **{name.value: str(name.label) for name in EventName},
        ActorKind.SYSTEM: _("System"),
        f"outside {ActorKind.RESELLER}": _("Your reseller"),
        f"outside {ActorKind.SUPPORT_PARTNER}": _("Your support partner"),
    }
