"""The list of users: what it can be filtered by, licences too, and the order it is in. Built for 50,000 people."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.directory.tree import Tree, place
from accounts.keyset import Place, Rows
from accounts.models import Customer, RoleAssignment, User
from accounts.names import isolated, person_named
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_ROLES, Role
from subscriptions.licence_scope import licences_in_console, licensable
from web.lists.filters import Offered
from web.lists.people import PeopleOrder

ACTIVE, SUSPENDED, DELETED, NEVER = "active", "suspended", "deleted", "never"
ANY_ROLE, NO_LICENCE = "any", "none"

# What a line of the list, or of its download, shows of a person.
_SHOWN = ("customer", "name", "sort_name", "email", "org_unit", "is_active", "deleted_at", "last_login")


class UsersFilter(PeopleOrder):
    """Filters the list by name or address, unit, role, status and licence, and says its order."""

    q = forms.CharField(label=gettext_lazy("Name or e-mail address"), max_length=254, required=False)
    unit = forms.TypedChoiceField(
        label=gettext_lazy("Organisational unit"), coerce=int, empty_value=None, required=False
    )
    role = forms.ChoiceField(label=gettext_lazy("Admin role"), required=False)
    status = forms.ChoiceField(label=gettext_lazy("Status"), required=False)
    licence = forms.ChoiceField(label=gettext_lazy("Licence"), required=False)
    field_order = ("q", "unit", "role", "status", "licence", "order")

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
        self._licences = partial(licences_in_console, viewer, customer, permissions)
        self._offer(
            "unit", _("Every unit"), lambda: [(pk, isolated(place(tree, pk, customer))) for pk, _path in tree.choices()]
        )
        roles = [(role.value, role.label) for role in Role if role in CUSTOMER_ROLES]
        self._offer("role", _("Any or none"), [(ANY_ROLE, _("Every admin")), *roles])
        self._offer("status", _("All but deleted"), _statuses())
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
            field.choices = Offered(lambda: [("", nothing), *choices()])
        else:
            field.choices = [("", nothing), *choices]

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
        held = self._licences().filter(user=OuterRef("pk"))
        if licence == NO_LICENCE:
            return people.filter(~Exists(held))
        return people.filter(Exists(held.filter(subscription__sku=licence)))

    def page(self, people: QuerySet[User], at: Place) -> Rows[User]:
        """Return the 50 people at a place, in the order that was asked for."""
        return super().page(people.only(*_SHOWN), at)


def _statuses() -> list[tuple[str, str]]:
    return [
        (ACTIVE, _("Active")),
        (SUSPENDED, _("Suspended")),
        (NEVER, _("Never signed in")),
        (DELETED, _("Deleted in the last 20 days")),
    ]


def _with_status(people: QuerySet[User], status: str) -> QuerySet[User]:
    if status == DELETED:
        return people.filter(deleted_at__isnull=False)
    people = people.filter(deleted_at=None)
    if status == ACTIVE:
        return people.filter(is_active=True)
    if status == SUSPENDED:
        return people.filter(is_active=False)
    return people.filter(last_login=None) if status == NEVER else people
