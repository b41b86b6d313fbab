"""Searches, filters and orders of lists of cases (S13)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.domains import stored_part
from accounts.ids import is_id
from accounts.models import User
from accounts.names import sort_key
from support.due import is_late
from support.models import Case
from support.models.case import Priority, State
from support.models.partner import Service
from support.partner_desk import is_at_partner
from support.vendor_desk import is_at_desk
from web.lists.filters import BY_AGE, NEWEST, FilterForm

ALL: list[tuple[str, str | Promise]] = [("", _("All"))]
OPEN, MINE, NOBODY = "open", "mine", "nobody"
LATE = "late"
BY_DUE_TIME, DUE_LAST, BY_PRIORITY, PRIORITY_LAST = "due", "-due", "priority", "-priority"
ORDERS = [
    *BY_AGE,
    (BY_DUE_TIME, _("Due time")),
    (DUE_LAST, _("Due time, the latest first")),
    (BY_PRIORITY, _("Priority")),
    (PRIORITY_LAST, _("Priority, the lowest first")),
]
# Vendor support reads the same state from the other side.
WAITING_FOR_CUSTOMER = _("Waiting for the customer")


def state_label(state: str, *, vendor: bool) -> str | Promise:
    """Return a state in the words of its reader."""
    return WAITING_FOR_CUSTOMER if vendor and state == State.ACTION_REQUIRED else State(state).label


class CaseFilter(FilterForm):
    """Search and filters of a list of cases. A value nobody offers is an error, not an empty list."""

    q = forms.CharField(label=_("Number, title or description"), max_length=200, required=False)
    state = forms.ChoiceField(label=_("Status"), required=False)
    service = forms.ChoiceField(label=_("Service"), choices=[*ALL, *Service.choices], required=False)
    priority = forms.ChoiceField(
        label=_("Priority"), choices=[*ALL, *((name, name) for name in Priority.values)], required=False
    )
    due = forms.ChoiceField(label=_("Answer due"), choices=[*ALL, (LATE, _("Late"))], required=False)
    order = forms.ChoiceField(label=_("Sort by"), choices=ORDERS, required=False)
    first_order = NEWEST

    def __init__(self, *args: Any, vendor: bool = False, of_many: bool = False, **kwargs: Any) -> None:
        """of_many: the list shows cases of many customers, who can be searched for too."""
        super().__init__(*args, **kwargs)
        if of_many:
            self.fields["q"].label = _("Number, title, description or customer")
        states = [(state.value, state_label(state, vendor=vendor)) for state in State]
        set_choices(self, "state", [*ALL, (OPEN, _("All open")), *states])

    def filtered(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        """Return the cases that match; all of them where the form is wrong."""
        if not self.is_valid():
            return cases.none()
        wanted = self.cleaned_data
        if wanted["state"]:
            cases = (
                cases.exclude(state=State.CLOSED) if wanted["state"] == OPEN else cases.filter(state=wanted["state"])
            )
        for name in ("service", "priority"):
            if wanted[name]:
                cases = cases.filter(**{name: wanted[name]})
        if wanted["due"] == LATE:
            cases = cases.filter(is_late())
        return cases.filter(_matches(wanted["q"])) if wanted["q"] else cases


def _matches(text: str) -> Q:
    number = text.removeprefix("#")
    words = Q(title__icontains=text) | Q(description__icontains=text)
    words |= Q(customer__sort_name__contains=sort_key(text)) | Q(customer__primary_domain__contains=stored_part(text))
    return words | Q(pk=int(number)) if is_id(number) else words


class DeskFilter(CaseFilter):
    """A list of cases at a desk: also by who of one's own colleagues works on a case (S13)."""

    assignee = forms.ChoiceField(
        label=_("Assigned to"), choices=[*ALL, (MINE, _("Me")), (NOBODY, _("Nobody"))], required=False
    )
    field_order = ("q", "state", "service", "priority", "due", "assignee", "order")

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, of_many=True, **kwargs)
        self.person = person

    def filtered(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        cases = super().filtered(cases)
        wanted = self.cleaned_data.get("assignee") if self.is_valid() else ""
        return cases.filter(self.is_mine()) if wanted == MINE else self.free(cases) if wanted == NOBODY else cases

    def is_mine(self) -> Q | Exists:
        """Return the condition that a case is at the reader."""
        return is_at_partner(self.person.reseller_id or 0, self.person)

    def free(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        """Return the cases that no colleague has."""
        return cases.filter(~is_at_partner(self.person.reseller_id or 0))


class QueueFilter(DeskFilter):
    """The queue of vendor support: what is late stands first."""

    first_order = BY_DUE_TIME

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, vendor=True, **kwargs)
        set_choices(self, "order", [*ORDERS[2:], *BY_AGE])

    @property
    def is_used(self) -> bool:
        # Open cases are what the queue shows by itself.
        return any(self.data.get(name) not in {None, "", OPEN} for name in self.fields.keys() - self.no_filters)

    def is_mine(self) -> Q | Exists:
        return Q(assignee=self.person)

    def free(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        return cases.filter(~is_at_desk())


def set_choices(form: forms.Form, name: str, choices: list[tuple[str, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices
