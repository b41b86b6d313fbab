"""Who answers `user.has_perm(permission, customer)`: one backend for each kind of actor."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import BaseBackend

from accounts.models import Customer, User
from accounts.roles import CUSTOMER_ROLE_PERMISSIONS


class SignInBackend(AuthenticationBackend):
    """Checks e-mail address and password. It grants nothing: rights come from the other backends."""

    @classmethod
    def _stash_user(cls, user: Any) -> None:
        """Give a suspended person with the right password the same answer as everybody else: no page of its own."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        return set()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return False


class CustomerRoleBackend(BaseBackend):
    """The customer's own admins: what their roles allow in their own console (P2, P3)."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not isinstance(obj, Customer):
            return set()
        if not user_obj.is_active or user_obj.customer_id is None or user_obj.customer_id != obj.pk:
            return set()
        return {p for role in user_obj.roles for p in CUSTOMER_ROLE_PERMISSIONS.get(role, ())}

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return perm in self.get_all_permissions(user_obj, obj)
