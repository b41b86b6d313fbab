"""The list of all customers and resellers: its filter and its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Customer
from subscriptions.watched import Asked, Facts, Problem, State, Watched, kind_of
from subscriptions.watched import Kind as KindOf
from web.lists import cells
from web.lists.columns import Column
from web.lists.filters import FilterForm
from web.lists.listing import Kind, Words
from web.lists.people import BY_NAME, NAME_DOWN, NAME_UP

KINDS: dict[KindOf, Promise] = {KindOf.CUSTOMER: gettext_lazy("Customer"), KindOf.RESELLER: gettext_lazy("Reseller")}
STATES: dict[State, Promise] = {
    State.ACTIVE: gettext_lazy("Active"),
    State.SUSPENDED: gettext_lazy("Suspended"),
    State.NOBODY: gettext_lazy("No active admin"),
}
PROBLEMS: dict[Problem, Promise] = {
    Problem.DOMAINS: gettext_lazy("A domain collides"),
    Problem.FAILED: gettext_lazy("A change failed"),
    Problem.OVERDUE: gettext_lazy("A change is overdue"),
}
_ANY = "any"


class OrganisationFilter(FilterForm):
    """Filters customers and resellers by name or domain, kind, state, and what is wrong."""

    q = forms.CharField(label=gettext_lazy("Name or domain"), max_length=253, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Type"), choices=[("", gettext_lazy("Any type")), *KINDS.items()], required=False
    )
    state = forms.ChoiceField(
        label=gettext_lazy("Status"), choices=[("", gettext_lazy("Any status")), *STATES.items()], required=False
    )
    problem = forms.ChoiceField(
        label=gettext_lazy("Problems"),
        choices=[("", gettext_lazy("With and without")), (_ANY, gettext_lazy("With problems")), *PROBLEMS.items()],
        required=False,
    )
    order = forms.ChoiceField(label=gettext_lazy("Sort by"), choices=BY_NAME, required=False)
    first_order = NAME_UP
    field_order = ("q", "kind", "state", "problem", "order")

    @property
    def asked(self) -> Asked | None:
        """What was asked for; None while a field has an error."""
        if not self.is_valid():
            return None
        asked, problem = self.cleaned_data, self.cleaned_data["problem"]
        return Asked(
            text=asked["q"],
            kind=KindOf(asked["kind"]) if asked["kind"] else None,
            state=State(asked["state"]) if asked["state"] else None,
            problems=frozenset(Problem if problem == _ANY else [Problem(problem)] if problem else []),
            descending=self.chosen_order == NAME_DOWN,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """An organisation as the list shows it."""

    organisation: Watched
    problems: Sequence[Problem]
    has_admin: bool


def url_of(organisation: Watched) -> str:
    """Return the page of an organisation."""
    return reverse("operations_organisation", args=[kind_of(organisation), organisation.pk])


def status_of(organisation: Watched, *, has_admin: bool) -> tuple[str, Promise]:
    """Return the status of an organisation: the state of its chip, and its words."""
    if not isinstance(organisation, Customer) and organisation.suspended_at is not None:
        return "closed", STATES[State.SUSPENDED]
    return ("open", STATES[State.ACTIVE]) if has_admin else ("pending", STATES[State.NOBODY])


def rows_of(organisations: Sequence[Watched], facts: Facts) -> list[Row]:
    """Return the rows of a page."""
    keys = [(kind_of(each), each.pk) for each in organisations]
    return [
        Row(each, facts.problems.get(key, ()), key in facts.with_admin)
        for each, key in zip(organisations, keys, strict=True)
    ]


def _status(row: Row) -> cells.Html:
    return cells.chip(*status_of(row.organisation, has_admin=row.has_admin))


def _problems(row: Row) -> cells.Html:
    found = [cells.chip("failed", PROBLEMS[problem]) for problem in row.problems]
    return cells.lines(found) if found else cells.NOTHING


def _counted(number: int) -> str:
    return ngettext("%(number)s organisation", "%(number)s organisations", number) % {"number": cells.number(number)}


def _name(row: Row) -> cells.Html:
    return cells.link(url_of(row.organisation), cells.name(row.organisation.name))


ORGANISATIONS: Kind[Row] = Kind(
    "organisations",
    Words(
        name=gettext_lazy("Organisations"),
        search=gettext_lazy("Search organisations"),
        counted=_counted,
        none_found=gettext_lazy("No organisation matches this search"),
        none_found_text=gettext_lazy("Search for a part of the name or of the primary domain, or for a whole domain."),
        none=gettext_lazy("No organisations yet"),
        none_text=gettext_lazy("Customers and resellers that you create are listed here."),
        icon="building-2",
    ),
    (
        Column[Row]("name", gettext_lazy("Name"), _name, up=NAME_UP, down=NAME_DOWN, is_text=True),
        Column[Row](
            "domain", gettext_lazy("Domain"), lambda row: cells.domain(row.organisation.primary_domain), is_text=True
        ),
        Column[Row]("kind", gettext_lazy("Type"), lambda row: str(KINDS[kind_of(row.organisation)])),
        Column[Row]("status", gettext_lazy("Status"), _status),
        Column[Row]("problems", gettext_lazy("Problems"), _problems, is_long=True),
        Column[Row](
            "created", gettext_lazy("Created"), lambda row: cells.day(row.organisation.created_at), is_shown=False
        ),
    ),
)


def new_customer_label() -> str:
    """Return the words of the button that creates the first one."""
    return _("Create a customer")
