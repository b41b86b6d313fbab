"""What lists of people have in common: their order, and whether a person can sign in."""

from __future__ import annotations

from typing import Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import keyset
from accounts.keyset import Place, Rows
from accounts.models import User
from web.lists import cells
from web.lists.filters import FilterForm

NAME_UP, NAME_DOWN, RECENT, LONG_AGO = "name", "-name", "-sign-in", "sign-in"
BY_NAME: Final = [(NAME_UP, gettext_lazy("A to Z")), (NAME_DOWN, gettext_lazy("Z to A"))]
_BY_SIGN_IN: Final = [
    (RECENT, gettext_lazy("Latest sign-in first")),
    (LONG_AGO, gettext_lazy("Longest without sign-in first")),
]

# As in the index people_by_last_sign_in: people who never signed in come before everybody else.
_LAST_SIGN_IN = "COALESCE(accounts_user.last_login, '1970-01-01 00:00:00+00'::timestamptz)"


class PeopleOrder(FilterForm):
    """A filter of people that stand in the order of their names, or of their last sign-ins."""

    order = forms.ChoiceField(label=gettext_lazy("Sort by"), choices=[*BY_NAME, *_BY_SIGN_IN], required=False)
    first_order = NAME_UP

    def page(self, people: QuerySet[User], at: Place) -> Rows[User]:
        """Return the people at a place, in the order that was asked for."""
        order = self.chosen_order
        if order in {RECENT, LONG_AGO}:
            return keyset.by_value(people, at, sql=_LAST_SIGN_IN, value=_last_sign_in, descending=order == RECENT)
        return keyset.by_name(people, at, descending=order == NAME_DOWN)


def person_status(person: User) -> cells.Html:
    """Return whether a person can sign in."""
    if person.deleted_at:
        return cells.chip("failed", _("Deleted"))
    return cells.chip("open", _("Active")) if person.is_active else cells.chip("closed", _("Suspended"))


def count_of_people(number: int) -> str:
    """Return a number of people in words."""
    return ngettext("%(number)s person", "%(number)s people", number) % {"number": cells.number(number)}


def _last_sign_in(person: User) -> str:
    return person.last_login.isoformat() if person.last_login else "1970-01-01T00:00:00+00:00"
