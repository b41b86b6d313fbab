"""The columns of the list in which customers are assigned to an agent or a team (P4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import keyset
from accounts.domains import stored_part
from accounts.names import sort_key, storable
from web.lists import cells
from web.lists.columns import Column
from web.lists.filters import FilterForm
from web.lists.listing import Kind
from web.lists.people import BY_NAME, NAME_DOWN, NAME_UP
from web.reseller.customer_rows import CUSTOMERS

_ASSIGNED = "assigned"


class AssignedFilter(FilterForm):
    """Filters customers by name or domain, and by whether an agent or a team works for them."""

    q = forms.CharField(label=gettext_lazy("Name or domain"), max_length=253, required=False)
    show = forms.ChoiceField(
        label=gettext_lazy("Show"),
        choices=[
            ("", gettext_lazy("All customers")),
            (_ASSIGNED, gettext_lazy("Assigned customers only")),
        ],
        required=False,
    )
    order = forms.ChoiceField(label=gettext_lazy("Sort by"), choices=BY_NAME, required=False)
    first_order = NAME_UP

    def filtered(self, relations: QuerySet[Any], seen: Q) -> QuerySet[Any]:
        """Return the customers asked for; nothing while a field has an error. seen: that someone works for them."""
        if not self.is_valid():
            return relations.none()
        if search := storable(self.cleaned_data["q"]):
            named = Q(customer_sort_name__contains=sort_key(search))
            relations = relations.filter(named | Q(customer_domain__contains=stored_part(search)))
        return relations.filter(seen) if self.cleaned_data["show"] else relations

    def page(self, relations: QuerySet[Any], at: keyset.Place) -> keyset.Rows[Any]:
        """Return the customers at a place, in the order that was asked for."""
        descending = self.chosen_order == NAME_DOWN
        return keyset.by_name(relations, at, name="customer_sort_name", descending=descending)


@dataclass(frozen=True, slots=True)
class AssignedRow:
    """A customer as the list shows them. is_direct: listed for the agent or the team; teams: the others by name."""

    relation: Any
    is_direct: bool
    teams: list[str]


def _assigned(row: AssignedRow) -> cells.Html:
    if not row.is_direct and not row.teams:
        return _("No")
    direct = [cells.chip("open", _("Directly"))] if row.is_direct else []
    return cells.lines([*direct, *(cells.chip("plain", _("Through %(team)s") % {"team": team}) for team in row.teams)])


ASSIGNED = Kind(
    "assigned_customers",
    CUSTOMERS.words,
    (
        Column[AssignedRow](
            "customer",
            gettext_lazy("Customer"),
            lambda row: cells.name(row.relation.customer_name),
            up=NAME_UP,
            down=NAME_DOWN,
        ),
        Column[AssignedRow](
            "domain", gettext_lazy("Domain"), lambda row: cells.domain(row.relation.customer_domain), is_text=True
        ),
        Column[AssignedRow]("assigned", gettext_lazy("Assigned"), _assigned, is_long=True),
    ),
)
