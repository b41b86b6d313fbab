"""Reading the trail: what a customer sees of its console (A4), and what a reseller sees of its agents (A4).

Every reader starts from one of the two scopes below. Writing is accounts/audit.py.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import AuditEvent, Customer, User
from accounts.models.audit_event import ActorKind, EventName
from accounts.roles import Role
from accounts.trail_words import Difference, differences

# What happens at a reseller or the vendor and therefore in nobody's console.
_AT_A_RESELLER = frozenset(
    {
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
# another's: these lines are the customer's alone, whoever caused them.
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
    }
)
CUSTOMER_EVENTS = tuple(name for name in EventName if name not in _AT_A_RESELLER)
RESELLER_EVENTS = tuple(name for name in EventName if name not in _NOT_FOR_RESELLERS)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


def trail_of_customer(customer: Customer) -> QuerySet[AuditEvent]:
    """Return everything done in a customer's console, whoever did it (A4)."""
    return AuditEvent.objects.filter(customer_id=customer.pk)


def trail_of_reseller(person: User) -> QuerySet[AuditEvent]:
    """Return what a reseller's own people did, without what only the customer may know (A4, R5).

    Its admins see everybody's deeds; everybody else sees its own.
    """
    if person.reseller_id is None:
        return AuditEvent.objects.none()
    trail = AuditEvent.objects.filter(actor_reseller_id=person.reseller_id).exclude(name__in=_NOT_FOR_RESELLERS)
    return trail if Role.RESELLER_ADMIN in person.roles else trail.filter(actor_id=person.pk)


class TrailFilter(forms.Form):
    """Narrows a trail by event, by a part of the actor's address and by period, in the reader's time zone."""

    event = forms.ChoiceField(label=gettext_lazy("Event"), required=False)
    actor = forms.CharField(label=gettext_lazy("Actor’s e-mail address"), max_length=254, required=False)
    since = forms.DateField(
        label=gettext_lazy("From"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("To"), required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )

    def __init__(self, *args: Any, events: Collection[EventName], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = sorted(((name.value, str(name.label)) for name in events), key=lambda choice: choice[1])
        event = self.fields["event"]
        assert isinstance(event, forms.ChoiceField)
        event.choices = [("", _("All events")), *choices]

    def clean_since(self) -> date | None:
        return _sane(self.cleaned_data["since"])

    def clean_until(self) -> date | None:
        until = _sane(self.cleaned_data["until"])
        since = self.cleaned_data.get("since")
        if since and until and until < since:
            raise forms.ValidationError(_("The end of the period is before its beginning."))
        return until

    @property
    def is_used(self) -> bool:
        return any(self.data.get(name) for name in self.fields)

    def narrow(self, trail: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return the events that were asked for; nothing while a field has an error."""
        if not self.is_valid():
            return trail.none()
        asked = self.cleaned_data
        if asked["event"]:
            trail = trail.filter(name=asked["event"])
        if asked["actor"]:
            trail = trail.filter(actor_email__icontains=asked["actor"])
        if asked["since"]:
            trail = trail.filter(at__gte=_midnight(asked["since"]))
        if asked["until"]:
            trail = trail.filter(at__lt=_midnight(asked["until"] + timedelta(days=1)))
        return trail


def _sane(day: date | None) -> date | None:
    if day is not None and not EARLIEST <= day <= LATEST:
        raise forms.ValidationError(_("Choose a day between the years 2000 and 2100."))
    return day


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


@dataclass(frozen=True, slots=True)
class Line:
    """One event as a person reads it.

    outside: from where somebody acted who does not belong to the customer (A4); empty for its own people.
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
