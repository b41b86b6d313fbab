"""Reading the trail: what a customer sees of its console (A4), and what a reseller sees of its agents (A4).

Every reader starts from one of the two scopes below. Writing is accounts/audit.py.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.addresses import person_at
from accounts.models import AuditEvent, Customer, User
from accounts.models.audit_event import ActorKind, EventName
from accounts.periods import PeriodFilter
from accounts.roles import Role
from accounts.trail_words import Difference, differences

# What happens at a reseller or the vendor and therefore in nobody's console.
_AT_A_RESELLER = frozenset(
    {
        EventName.DOMAIN_IN_USE,
        EventName.CREATE_RESELLER,
        EventName.SUSPEND_RESELLER,
        EventName.UNSUSPEND_RESELLER,
        EventName.CREATE_TEAM,
        EventName.RENAME_TEAM,
        EventName.DELETE_TEAM,
        EventName.ADD_TEAM_MEMBER,
        EventName.REMOVE_TEAM_MEMBER,
        EventName.ASSIGN_CUSTOMER,
        EventName.UNASSIGN_CUSTOMER,
    }
)
# The access setting belongs to the customer (R5), and an order or a transfer by one reseller may change
# another's: these lines are the customer's alone, no matter who caused them.
_NOT_FOR_RESELLERS = frozenset(
    {
        EventName.CHANGE_RESELLER_ACCESS,
        EventName.CHANGE_RESELLER_ACCESS_FOR_SKU,
        EventName.RESELLER_ACCESS_APPLIED,
        EventName.RESELLER_ACCESS_SUPERSEDED,
        EventName.RESELLER_ACCESS_FAILED,
        EventName.REPAIR_RESELLER_ACCESS,
        EventName.END_CONSOLE_SESSION,
        EventName.CHANGE_CONSOLE_ENTRY_REASON,
        # It says who holds a domain.
        EventName.DOMAIN_IN_USE,
    }
)
CUSTOMER_EVENTS = tuple(name for name in EventName if name not in _AT_A_RESELLER)
RESELLER_EVENTS = tuple(name for name in EventName if name not in _NOT_FOR_RESELLERS)


# What the short lists on home pages leave out: sign-ins would fill them.
EVERYDAY = frozenset({EventName.LOGIN_SUCCESS, EventName.LOGOUT})


def trail_of_customer(customer: Customer) -> QuerySet[AuditEvent]:
    """Return everything done in a customer's console, no matter who did it (A4)."""
    return AuditEvent.objects.filter(customer_id=customer.pk)


def trail_of_reseller(person: User) -> QuerySet[AuditEvent]:
    """Return what a reseller's own people did, without what only the customer may know (A4, R5).

    Its admins see everybody's deeds; everybody else sees its own.
    """
    if person.reseller is None or person.reseller.suspended_at is not None:
        return AuditEvent.objects.none()
    trail = AuditEvent.objects.filter(actor_reseller_id=person.reseller_id).exclude(name__in=_NOT_FOR_RESELLERS)
    return trail if Role.RESELLER_ADMIN in person.roles else trail.filter(actor_id=person.pk)


class TrailFilter(PeriodFilter):
    """Narrows a trail by event, by a part of the actor's address and by period, in the reader's time zone."""

    event = forms.ChoiceField(label=gettext_lazy("Event"), required=False)
    actor = forms.CharField(label=gettext_lazy("Actor’s e-mail address"), max_length=254, required=False)
    field_order = ("event", "actor", "since", "until")

    def __init__(self, *args: Any, events: Collection[EventName], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = sorted(((name.value, str(name.label)) for name in events), key=lambda choice: choice[1])
        event = self.fields["event"]
        assert isinstance(event, forms.ChoiceField)
        event.choices = [("", _("All events")), *choices]

    def narrow(self, trail: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return the events that were asked for; nothing while a field has an error."""
        if not self.is_valid():
            return trail.none()
        asked = self.cleaned_data
        if asked["event"]:
            trail = trail.filter(name=asked["event"])
        if asked["actor"]:
            person = person_at(asked["actor"])
            by_person = Q(actor_id=person.pk) if person else Q()
            trail = trail.filter(Q(actor_email__icontains=asked["actor"]) | by_person)
        return self.within_period(trail)


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
