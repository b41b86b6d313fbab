from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.audit import EventName
from accounts.directory.addresses import person_at
from accounts.models import AuditEvent
from web.lists.periods import PeriodFilter


class EventFilter(PeriodFilter):
    """Filters events by event, by a part of the actor's address and by period, in the reader's time zone."""

    event = forms.ChoiceField(label=gettext_lazy("Event"), required=False)
    actor = forms.CharField(label=gettext_lazy("Actor’s e-mail address"), max_length=254, required=False)
    field_order = ("event", "actor", "since", "until")

    def __init__(self, *args: Any, events: Collection[EventName], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = sorted(((name.value, str(name.label)) for name in events), key=lambda choice: choice[1])
        event = self.fields["event"]
        assert isinstance(event, forms.ChoiceField)
        event.choices = [("", _("All events")), *choices]

    def filtered(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """Return the events that were asked for; nothing while a field has an error."""
        if not self.is_valid():
            return events.none()
        asked = self.cleaned_data
        if asked["event"]:
            events = events.filter(name=asked["event"])
        if asked["actor"]:
            person = person_at(asked["actor"])
            by_person = Q(actor_id=person.pk) if person else Q()
            events = events.filter(Q(actor_email__icontains=asked["actor"]) | by_person)
        return self.within_period(events)
