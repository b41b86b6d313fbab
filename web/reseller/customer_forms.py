"""What a reseller filters its customers by, and the rule that finds customers for a group."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.names import isolated
from subscriptions.access.customer_filter import EXTENTS, AccessFilter, AgeFilter, CustomerFilter, SoldFilter
from subscriptions.access.grouped import groups_of
from subscriptions.models import Product
from subscriptions.models.customer_group import GroupKind
from web.lists.filters import FilterForm

ASCENDING, DESCENDING = "name", "-name"
ANY: list[tuple[str, str | Promise]] = [("", gettext_lazy("Any"))]


class _GroupsForm(FilterForm):
    """A filter by the reseller's own tags and groups; without any there is nothing to choose."""

    def __init__(self, *args: Any, agent: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = list(groups_of(agent).order_by("name", "pk").values_list("pk", "name", "kind"))
        for name, kind in (("tag", GroupKind.TAG), ("group", GroupKind.GROUP)):
            self._offer(name, [(pk, isolated(label)) for pk, label, of_kind in found if of_kind == kind])

    def _offer(self, name: str, choices: Iterable[tuple[int, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("Any or none")), *choices]
        if len(field.choices) == 1:
            del self.fields[name]

    @property
    def used(self) -> dict[str, str]:
        """What the list is filtered by, as it was sent."""
        return {name: self.data[name] for name in self.fields if name != "order" and self.data.get(name)}

    def chosen(self, *names: str) -> dict[str, Any]:
        """Return what was chosen in these fields, as far as they are there."""
        return {name: self.cleaned_data[name] for name in names if name in self.fields}


def _own(label: Any) -> forms.TypedChoiceField:
    """Return the field for one of the reseller's own tags or groups."""
    return forms.TypedChoiceField(label=label, coerce=int, empty_value=None, required=False)


class CustomersForm(_GroupsForm):
    """Search, filters and order of the list."""

    q = forms.CharField(label=gettext_lazy("Name or domain"), max_length=253, required=False)
    access = forms.ChoiceField(
        label=gettext_lazy("Access to the console"), choices=[*ANY, *AccessFilter.choices], required=False
    )
    sold = forms.ChoiceField(
        label=gettext_lazy("Subscription sold"), choices=[*ANY, *SoldFilter.choices], required=False
    )
    extent = forms.ChoiceField(label=gettext_lazy("Level or end"), choices=[*ANY, *EXTENTS], required=False)
    tag, group = _own(gettext_lazy("Tag")), _own(gettext_lazy("Group"))
    order = forms.ChoiceField(
        label=gettext_lazy("Sort by"),
        choices=[(ASCENDING, gettext_lazy("A to Z")), (DESCENDING, gettext_lazy("Z to A"))],
        required=False,
    )

    first_order = ASCENDING

    @property
    def customer_filter(self) -> CustomerFilter:
        """What was chosen; the form is valid."""
        return CustomerFilter(**self.chosen("access", "sold", "extent", "tag", "group"))


class RuleForm(_GroupsForm):
    """Which customers a group is filled with; everything that is chosen must hold."""

    tag, group = _own(gettext_lazy("Tag")), _own(gettext_lazy("In the group"))
    product = forms.ChoiceField(label=gettext_lazy("Product sold"), required=False)
    address = forms.CharField(
        label=gettext_lazy("Postal address contains"),
        help_text=gettext_lazy("For example the name of a country, as it is written there."),
        max_length=100,
        required=False,
    )
    access = forms.ChoiceField(
        label=gettext_lazy("Access to the console"), choices=[*ANY, *AccessFilter.choices], required=False
    )
    age = forms.ChoiceField(label=gettext_lazy("Customer for"), choices=[*ANY, *AgeFilter.choices], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        product = self.fields["product"]
        assert isinstance(product, forms.ChoiceField)
        product.choices = [("", _("Any")), *Product.objects.order_by("name").values_list("pk", "name")]

    @property
    def rule(self) -> CustomerFilter:
        """What was chosen; the form is valid."""
        return CustomerFilter(**self.chosen("tag", "group", "product", "address", "access", "age"))
