"""Forms of the licence pages. Ids in them name rows of the customer and of the scope only; others are an error."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.directory.tree import Tree
from accounts.ids import ids_in
from accounts.models import OrgUnit, User
from accounts.names import person_named
from subscriptions.models import Subscription
from web.console.forms.org_units import UnitField, fill_units
from web.lists.filters import FilterForm
from web.lists.people import BY_NAME, PeopleOrder

CHOSEN_AT_MOST = 200  # four times what a page shows


class PeopleSearchForm(FilterForm):
    """Filters a list of people."""

    q = forms.CharField(label=_("Name or e-mail address"), max_length=254, required=False)

    def filtered(self, people: QuerySet[User]) -> QuerySet[User]:
        """Return the people that were asked for; nobody while a field has an error."""
        if not self.is_valid():
            return people.none()
        text = self.cleaned_data["q"]
        return people.filter(person_named(text)) if text else people


class HoldersFilter(PeopleSearchForm, PeopleOrder):
    """Filters who has a licence, and says their order: by name alone, as they are few or many."""

    order = forms.ChoiceField(label=_("Sort by"), choices=BY_NAME, required=False)


class ChosenPeopleForm(forms.Form):
    """People ticked in a list; each must be one of `people`."""

    person = forms.Field(label=_("People"), required=False)
    switch = forms.BooleanField(label=_("Switch people who have another licence of this product"), required=False)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.ticked: set[str] = set(self.data.getlist("person")) if hasattr(self.data, "getlist") else set()

    def clean_person(self) -> QuerySet[User]:
        """Return the people; an id that is not one of them is the same error as one that does not exist."""
        if not self.ticked:
            raise ValidationError(_("Choose at least one person."))
        if len(self.ticked) > CHOSEN_AT_MOST:
            raise ValidationError(_("Choose fewer people, or assign by organisational unit."))
        ids = ids_in(self.ticked)
        chosen = self.people.filter(pk__in=ids)
        if len(ids) != len(self.ticked) or chosen.count() != len(ids):
            raise ValidationError(_("A person you chose is not there any more. Look at the list and choose again."))
        return chosen


class OrgUnitForm(forms.Form):
    """One of the customer's organisational units, with everything below it."""

    org_unit = UnitField()

    def __init__(self, *args: Any, tree: Tree, root_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fill_units(self, "org_unit", tree, root=root_name)

    @property
    def unit(self) -> OrgUnit:
        """The unit, once the form is valid."""
        unit = self.cleaned_data["org_unit"]
        assert isinstance(unit, OrgUnit)
        return unit


class UnitLicencesForm(OrgUnitForm):
    """What to do with the licences of everybody in a unit."""

    action = forms.ChoiceField(choices=[("assign", _("Assign")), ("revoke", _("Revoke"))])
    switch = forms.BooleanField(label=_("Switch people who have another licence of this product"), required=False)
    stays_away = forms.BooleanField(required=False)


class AutoLicenceForm(OrgUnitForm):
    """Whether everybody in a unit gets a licence by itself."""

    automatic = forms.TypedChoiceField(choices=[("on", "on"), ("off", "off")], coerce=lambda text: text == "on")


class UserLicencesForm(forms.Form):
    """The licences of one person. seen…: what the page showed as it was, so that an old page reverts nothing."""

    subscription = forms.TypedMultipleChoiceField(label=_("Licences"), coerce=int, required=False)
    seen = forms.TypedMultipleChoiceField(coerce=int, required=False)
    stays_away = forms.TypedMultipleChoiceField(coerce=int, required=False)
    seen_away = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args: Any, subscriptions: QuerySet[Subscription], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known = {one.pk: one for one in subscriptions}
        for field in self.fields.values():
            assert isinstance(field, forms.TypedMultipleChoiceField)
            field.choices = [(pk, str(one)) for pk, one in self.known.items()]

    def to_assign(self) -> list[Subscription]:
        return [self.known[pk] for pk in self._ids("subscription") - self._ids("seen")]

    def to_revoke(self) -> list[Subscription]:
        return [self.known[pk] for pk in self._ids("seen") - self._ids("subscription")]

    def to_keep_away(self) -> list[Subscription]:
        """Return which licences automatic assignment leaves the person out of, where they are revoked."""
        return [self.known[pk] for pk in self._ids("stays_away")]

    def to_let_back(self) -> list[Subscription]:
        """Return which ones it may assign again."""
        return [self.known[pk] for pk in self._ids("seen_away") - self._ids("stays_away") - self._ids("subscription")]

    def _ids(self, name: str) -> set[int]:
        return set(self.cleaned_data[name])
