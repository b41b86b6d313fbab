"""What the people of a reseller may do with a customer's cases: asked again for every request (S6, S7, R11, R13).

Consoles are opened by the grants of subscriptions/access/ alone, those of support contracts too (R19).
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, User
from accounts.permissions import Fact, Permission
from accounts.roles import CASE_PERMISSIONS, Role
from support.assignments import contracts_in
from support.schedule import has_moved
from support.scope import active_assignments, open_relations

ROLE_HAS_ENDED = _(
    "This role ended with the move to the Customer Care Portal: super admins manage the support contracts there, and "
    "the role Support is for cases."
)


class SupportPartnerBackend(BaseBackend):
    """The people of a reseller who work on cases: through the open console (S5) or an active assignment (S6)."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not isinstance(user_obj, User) or not isinstance(obj, Customer) or user_obj.reseller_id is None:
            return set()
        if active_assignments(user_obj).filter(customer=obj).exists():
            return set(CASE_PERMISSIONS)
        # Everybody else to whom the console is open has got these from ResellerAgentBackend.
        is_support_agent = Role.SUPPORT_AGENT in user_obj.roles
        if is_support_agent and open_relations(user_obj).filter(customer=obj).exists():
            return set(CASE_PERMISSIONS)
        return set()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        # Most questions need no query: what no partner may do by its cases.
        return perm in CASE_PERMISSIONS and perm in self.get_all_permissions(user_obj, obj)

    def facts(self, person: User, permission: Permission, customer: Customer) -> list[Fact]:
        """Say why a person of a reseller may work on a customer's cases, or not (R24)."""
        if person.reseller_id is None or permission not in CASE_PERMISSIONS:
            return []
        works = permission in self.get_all_permissions(person, customer)
        yes = _("They work on its support cases: as its support partner, or through the open console.")
        no = _("They do not work on its support cases: neither as its support partner nor through an open console.")
        return [Fact(works, yes, no)]

    def contracts_in(self, customer: Customer) -> dict[int, list[str]]:
        """Return the services under contract after the move, for each reseller: what its console rests on (S9, R19)."""
        found: dict[int, list[str]] = defaultdict(list)
        for contract in contracts_in(customer).order_by("service"):
            found[contract.reseller_id].append(str(contract.get_service_display()))
        return dict(found)

    def closed_roles(self, customer: Customer) -> dict[Role, Promise]:
        """Return the role that ends with the move (S12)."""
        return {Role.SUPPORT_MANAGER: ROLE_HAS_ENDED} if has_moved(customer) else {}
