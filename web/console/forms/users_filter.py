"""The list of users: what it can be filtered by, licences too, and the order it is in. Built for 50,000 people."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import keyset
from accounts.directory.tree import Tree, place
from accounts.keyset import Place, Rows
from accounts.models import Customer, RoleAssignment, User
from accounts.names import isolated, person_named
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_ROLES, Role
from subscriptions.licence_scope import licences_in_console, licensable
from web.lists.filters import FilterForm

NAME_UP, NAME_DOWN, RECENT, LONG_AGO = "name", "-name", "-sign-in", "sign-in"
ACTIVE, SUSPENDED, DELETED, NEVER = "active", "suspended", "deleted", "never"
ANY_ROLE, NO_LICENCE = "any", "none"

# As in the index people_by_last_sign_in: people who never signed in come before everybody else.
_LAST_SIGN_IN = "COALESCE(accounts_user.last_login, '1970-01-01 00:00:00+00'::timestamptz)"
# What a line of the list, or of its download, shows of a person.
_SHOWN = ("name", "sort_name", "email", "org_unit", "is_active", "deleted_at", "last_login")


class UsersFilter(FilterForm):
    """Filters the list by name or address, unit, role, status and licence, and says its order."""

    q = forms.CharField(label=gettext_lazy("Name or e-mail address"), max_length=254, required=False)
    unit = forms.TypedChoiceField(
        label=gettext_lazy("Organisational unit"), coerce=int, empty_value=None, required=False
    )
    role = forms.ChoiceField(label=gettext_lazy("Admin role"), required=False)
    status = forms.ChoiceField(label=gettext_lazy("Status"), required=False)
    licence = forms.ChoiceField(label=gettext_lazy("Licence"), required=False)
    order = forms.ChoiceField(label=gettext_lazy("Sort by"), required=False)

    def __init__(
        self,
        *args: Any,
        viewer: User,
        customer: Customer,
        permissions: Collection[Permission],
        tree: Tree,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._tree = tree
        self._licences = licences_in_console(viewer, customer, permissions)
        self._offer(
            "unit", _("Every unit"), lambda: [(pk, isolated(place(tree, pk, customer))) for pk, _path in tree.choices()]
        )
        roles = [(role.value, role.label) for role in Role if role in CUSTOMER_ROLES]
        self._offer("role", _("Any or none"), [(ANY_ROLE, _("Every admin")), *roles])
        self._offer("status", _("All but deleted"), _statuses())
        self._offer("order", "", [(NAME_UP, _("A to Z")), (NAME_DOWN, _("Z to A")), *_by_sign_in()])
        if Permission.VIEW_LICENCES in permissions:
            skus = licensable(viewer, customer, permissions).select_related(None).order_by("sku__name", "sku")
            offered = [(sku, name) for sku, name in skus.values_list("sku", "sku__name").distinct()]
            self._offer("licence", _("Any or none"), [(NO_LICENCE, _("Without a licence")), *offered])
        else:
            del self.fields["licence"]

    def _offer(self, name: str, nothing: str, choices: list[Any] | Callable[[], list[Any]]) -> None:
        """Set the choices of a field; those made by a function cost nothing before they are looked at."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        if callable(choices):
            field.choices = lambda: [("", nothing), *choices()]
        else:
            field.choices = [("", nothing), *choices] if nothing else choices

    def filtered(self, people: QuerySet[User]) -> QuerySet[User]:
        """Return the people that were asked for; nobody while a field has an error."""
        if not self.is_valid():
            return people.none()
        asked = self.cleaned_data
        people = _with_status(people, asked["status"])
        if asked["q"]:
            people = people.filter(person_named(asked["q"]))
        if asked["unit"]:
            people = people.filter(org_unit__in=self._tree.below(asked["unit"]))
        if asked["role"]:
            held = {} if asked["role"] == ANY_ROLE else {"role": asked["role"]}
            people = people.filter(Exists(RoleAssignment.objects.filter(user=OuterRef("pk"), **held)))
        return self._with_licence(people, asked.get("licence", ""))

    def _with_licence(self, people: QuerySet[User], licence: str) -> QuerySet[User]:
        if not licence:
            return people
        held = self._licences.filter(user=OuterRef("pk"))
        if licence == NO_LICENCE:
            return people.filter(~Exists(held))
        return people.filter(Exists(held.filter(subscription__sku=licence)))

    def page(self, people: QuerySet[User], at: Place) -> Rows[User]:
        """Return the 50 people at a place, in the order that was asked for."""
        order, people = self.chosen_order, people.only(*_SHOWN)
        if order in {RECENT, LONG_AGO}:
            return keyset.by_value(people, at, sql=_LAST_SIGN_IN, value=_last_sign_in, descending=order == RECENT)
        return keyset.by_name(people, at, descending=order == NAME_DOWN)

    @property
    def chosen_order(self) -> str:
        return (self.cleaned_data.get("order") if self.is_valid() else "") or NAME_UP


def _statuses() -> list[tuple[str, str]]:
    return [
        (ACTIVE, _("Active")),
        (SUSPENDED, _("Suspended")),
        (NEVER, _("Never signed in")),
        (DELETED, _("Deleted in the last 20 days")),
    ]


def _by_sign_in() -> list[tuple[str, str]]:
    return [(RECENT, _("Latest sign-in first")), (LONG_AGO, _("Longest without sign-in first"))]


def _last_sign_in(person: User) -> str:
    return person.last_login.isoformat() if person.last_login else "1970-01-01T00:00:00+00:00"


def _with_status(people: QuerySet[User], status: str) -> QuerySet[User]:
    if status == DELETED:
        return people.filter(deleted_at__isnull=False)
    people = people.filter(deleted_at=None)
    if status == ACTIVE:
        return people.filter(is_active=True)
    if status == SUSPENDED:
        return people.filter(is_active=False)
    return people.filter(last_login=None) if status == NEVER else people
