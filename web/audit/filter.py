"""What the pages of the audit log are filtered by: each filter alone is answered by an index (decision 32)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import EventName
from accounts.directory.addresses import person_at
from accounts.domains import canonical_domain, canonical_email
from accounts.models import Address, AuditEvent, Customer, Domain, Reseller, User
from accounts.models.audit_event import FROM_OUTSIDE, ActorKind
from accounts.models.event_query import one_of
from accounts.models.targets import Pointer, TargetKind
from accounts.names import isolated
from subscriptions.models import AccessGrant
from support.models import SupportAssignment
from web.audit.groups import event_choices, events_chosen
from web.fields import PersonInput
from web.lists.periods import PeriodFilter

# The largest number that a row can have.
_LARGEST = 2**63 - 1


class EventFilter(PeriodFilter):
    """Filters events by event or group of events, by the actor's whole address, and by period."""

    event = forms.ChoiceField(label=gettext_lazy("Event"), required=False)
    actor = forms.CharField(
        label=gettext_lazy("Actor’s whole e-mail address"),
        help_text=gettext_lazy("Who did it. A part of an address finds nothing."),
        max_length=254,
        required=False,
        widget=PersonInput(),
    )
    field_order: Sequence[str] = ("event", "actor", "since", "until")

    def __init__(self, *args: Any, events: Collection[EventName], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.events = events
        event = self.fields["event"]
        assert isinstance(event, forms.ChoiceField)
        event.choices = [("", _("All events")), *event_choices(events)]

    def filtered(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return the events that were asked for; nothing while a field has an error."""
        return self.chosen(events) if self.is_valid() else events.none()

    def chosen(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return the events that were asked for; the form is valid."""
        asked = self.cleaned_data
        if asked["actor"]:
            events = self.by_actor(events, asked["actor"])
        if asked["event"]:
            events = one_of(events, "name", events_chosen(asked["event"], self.events))
        return self.within_period(events)

    def by_actor(self, events: QuerySet[AuditEvent], address: str) -> QuerySet[AuditEvent]:
        """Return what was done under an address."""
        return events.filter(actor_email=_canonical(address))


class ResellerField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of some resellers, by their names."""

    def label_from_instance(self, obj: Reseller) -> str:
        return isolated(obj.name)


class CustomerEventFilter(EventFilter):
    """Filters what happened in a customer's console (A4)."""

    # Comes with the link *Events* of an object's page: "user:12".
    about = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    # As it stands under the event: an address, a serial number, a name. The only way to what has no page any more.
    subject = forms.CharField(
        label=gettext_lazy("About, word for word"),
        help_text=gettext_lazy("As it stands in the column “About”: an address, a name or a serial number."),
        max_length=300,
        required=False,
    )
    outside = forms.ChoiceField(
        label=gettext_lazy("From where"),
        help_text=gettext_lazy("From outside: by a reseller, a support partner or the vendor."),
        choices=[("", gettext_lazy("From everywhere")), ("only", gettext_lazy("From outside only"))],
        required=False,
    )
    reseller = ResellerField(
        label=gettext_lazy("Reseller or support partner"),
        queryset=Reseller.objects.none(),
        empty_label=gettext_lazy("All"),
        required=False,
    )
    ip = forms.GenericIPAddressField(
        label=gettext_lazy("IP address"),
        help_text=gettext_lazy("The whole address, such as 203.0.113.24."),
        required=False,
    )
    visit = forms.IntegerField(
        label=gettext_lazy("Visit"),
        help_text=gettext_lazy("The number of a visit, which stands on its page under External access."),
        min_value=1,
        max_value=_LARGEST,
        required=False,
    )
    activation = forms.IntegerField(
        label=gettext_lazy("Activation"),
        help_text=gettext_lazy("The number of an activation, which stands in the list of activations."),
        min_value=1,
        max_value=_LARGEST,
        required=False,
    )

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer
        reseller = self.fields["reseller"]
        assert isinstance(reseller, forms.ModelChoiceField)
        grants = AccessGrant.objects.filter(customer=customer).values("reseller")
        partners = SupportAssignment.objects.filter(customer=customer).values("reseller")
        known = Reseller.objects.filter(pk__in=grants) | Reseller.objects.filter(pk__in=partners)
        reseller.queryset = known.order_by("sort_name", "pk")

    def by_actor(self, events: QuerySet[AuditEvent], address: str) -> QuerySet[AuditEvent]:
        """Return what was done under an address, or under another one that the same person of the customer has now.

        Of a person from elsewhere the log tells no other address than the one that stands in it.
        """
        person = person_at(address)
        is_own = person is not None and person.customer_id == self.customer.pk
        own = Address.objects.filter(user=person).values_list("email", flat=True) if is_own else ()
        return one_of(events, "actor_email", {_canonical(address), *own})

    def clean_about(self) -> Pointer | None:
        text: str = self.cleaned_data["about"]
        if not text:
            return None
        kind, _colon, number = text.partition(":")
        if kind not in TargetKind.values or not (number.isascii() and number.isdigit()) or int(number) > _LARGEST:
            raise ValidationError(_("This object is not known. Clear the search."))
        return Pointer(TargetKind(kind), int(number))

    def chosen(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return the events that were asked for; the form is valid."""
        asked = self.cleaned_data
        if about := asked["about"]:
            events = events.filter(target_kind=about.target_kind, target_id=about.pk)
        if asked["outside"]:
            events = events.filter(actor_kind__in=FROM_OUTSIDE)
        columns = {
            "subject": asked["subject"],
            "actor_reseller_id": asked["reseller"] and asked["reseller"].pk,
            "ip_address": asked["ip"],
            "console_session_id": asked["visit"],
            "activation_id": asked["activation"],
        }
        return super().chosen(events.filter(**{column: value for column, value in columns.items() if value}))


class ResellerEventFilter(EventFilter):
    """Filters what a reseller's own people did (A4)."""

    customer = forms.CharField(label=gettext_lazy("Customer’s primary domain"), max_length=253, required=False)
    field_order = ("event", "actor", "customer", "since", "until")

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reader = reader

    def chosen(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return the events that were asked for; the form is valid."""
        if domain := self.cleaned_data["customer"]:
            found = Customer.objects.filter(primary_domain=_canonical_domain(domain)).values_list("pk", flat=True)
            events = events.filter(customer_id=found.first() or 0)
        return super().chosen(events)

    def by_actor(self, events: QuerySet[AuditEvent], address: str) -> QuerySet[AuditEvent]:
        """Return what an agent of this reseller did; of one who has left, what stands under their address."""
        agent = person_at(address)
        if agent and agent.reseller_id == self.reader.reseller_id:
            return events.filter(actor_id=agent.pk)
        return events.filter(actor_email=_canonical(address))


class OperatorEventFilter(EventFilter):
    """Filters what happened at all organisations (P5): each is answered by an index, an address by whose it is."""

    what = forms.ChoiceField(
        label=gettext_lazy("Show"),
        choices=[
            ("", gettext_lazy("Everything")),
            ("vendor", gettext_lazy("What the vendor did")),
            ("accepted", gettext_lazy("Sign-ins that were accepted")),
            ("refused", gettext_lazy("Sign-ins that were refused")),
        ],
        required=False,
    )
    domain = forms.CharField(label=gettext_lazy("Organisation’s domain"), max_length=253, required=False)
    field_order = ("what", "event", "domain", "actor", "since", "until")

    @property
    def named(self) -> str:
        """The canonical address that was asked for; empty where none was."""
        return _canonical(self.cleaned_data["actor"]) if self.is_valid() else ""

    def chosen(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return the events that were asked for; the form is valid."""
        what, domain = self.cleaned_data["what"], self.cleaned_data["domain"]
        if what == "vendor":
            events = events.filter(actor_kind=ActorKind.VENDOR)
        elif what:
            events = events.filter(name=EventName.LOGIN_SUCCESS if what == "accepted" else EventName.LOGIN_FAILURE)
        return super().chosen(_of_holder(events, _canonical_domain(domain)) if domain else events)

    def by_actor(self, events: QuerySet[AuditEvent], address: str) -> QuerySet[AuditEvent]:
        """Return what was done under an address; of one who has left, at the organisation that has its domain."""
        person, canonical = person_at(address), _canonical(address)
        if person is not None and person.is_vendor:
            return events.filter(actor_kind=ActorKind.VENDOR, actor_id=person.pk)
        if person is not None and person.reseller_id is not None:
            return events.filter(actor_reseller_id=person.reseller_id, actor_id=person.pk)
        if person is not None:
            return events.filter(customer_id=person.customer_id, actor_email=canonical)
        return _of_holder(events, canonical.rpartition("@")[2]).filter(actor_email=canonical)


def _of_holder(events: QuerySet[AuditEvent], domain: str) -> QuerySet[AuditEvent]:
    """Return what happened at the customer that has a domain, or what the people of the reseller did that has it."""
    row = Domain.objects.filter(name=domain, holds=True).first()
    if row is None or row.is_vendor:
        return events.none()
    if row.customer_id is not None:
        return events.filter(customer_id=row.customer_id)
    return events.filter(actor_reseller_id=row.reseller_id)


def _canonical(address: str) -> str:
    try:
        return canonical_email(address)
    except ValidationError:
        return address


def _canonical_domain(text: str) -> str:
    try:
        return canonical_domain(text)
    except ValidationError:
        return text
