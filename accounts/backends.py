"""Who answers `user.has_perm(permission, customer)`: one backend for each kind of actor."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import BaseBackend
from django.utils.translation import gettext_lazy as _

from accounts.database.one_row import OneRow
from accounts.factors import DUTY_SQL
from accounts.identity_providers import needs_provider
from accounts.models import Customer, User
from accounts.permissions import Fact, Permission
from accounts.roles import CUSTOMER_ROLE_PERMISSIONS

_PERSON = OneRow(User, "id = %s", also=DUTY_SQL)


class SignInBackend(AuthenticationBackend):
    """Checks e-mail address and password. It grants nothing: rights come from the other backends."""

    @classmethod
    def _stash_user(cls, user: Any) -> None:
        """Give a suspended person with the right password the same answer as everybody else: no page of its own."""

    def user_can_authenticate(self, user: Any) -> bool:
        """Refuse like a wrong password who is suspended, and who signs in with the provider of their organisation."""
        return bool(super().user_can_authenticate(user)) and not needs_provider(user)

    def get_user(self, user_id: Any) -> User | None:
        """Return the person of a session as the database has them now (P8); None for one who left."""
        person = _PERSON.get(user_id)
        return person if person is not None and person.is_active else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return False


def _standing(person: User, customer: Customer) -> list[Fact]:
    """What every right of a customer's own people stands on, whatever their roles."""
    own = person.customer_id is not None and person.customer_id == customer.pk
    return [
        Fact(own, _("They belong to this organisation."), _("They belong to another organisation.")),
        Fact(person.is_active, _("Their account is active."), _("Their account is suspended or deleted.")),
    ]


class CustomerRoleBackend(BaseBackend):
    """The customer's own admins: what their roles allow in their own console (P2, P3)."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not isinstance(obj, Customer):
            return set()
        if not all(fact.holds for fact in _standing(user_obj, obj)):
            return set()
        return {p for role in user_obj.roles for p in CUSTOMER_ROLE_PERMISSIONS.get(role, ())}

    def facts(self, person: User, permission: Permission, customer: Customer) -> list[Fact]:
        """Say why one of the customer's own people may do something, or not (R24)."""
        if person.customer_id is None:
            return []
        opened = permission in self.get_all_permissions(person, customer)
        by_role = Fact(opened, _("A role of theirs allows it."), _("None of their roles allows it."))
        return [*_standing(person, customer), by_role]

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm in self.get_all_permissions(user_obj, obj)
