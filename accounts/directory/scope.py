"""Which of a customer's people someone sees in its console: every list and every person starts here (P3, P4).

permissions: what the guard found for this request (`request.permissions`), so that a page asks for access once (R11).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django.db import connection
from django.db.models import Count, QuerySet
from django.http import Http404

from accounts.models import Address, Customer, RoleAssignment, User
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_ROLES, Role


def people_in_console(customer: Customer, permissions: Collection[Permission]) -> QuerySet[User]:
    """Return the people of the directory, the deleted among them until they are removed for good; the default is none.

    They belong to the whole account: anyone who may see users sees all of them, also a reseller's agent.
    """
    if Permission.VIEW_USERS not in permissions:
        return User.objects.none()
    return User.objects.filter(customer=customer, purged_at=None)


def people_condition(customer: Customer, permissions: Collection[Permission]) -> tuple[str, dict[str, Any]]:
    """Return the SQL condition of the same people `u`, but for the deleted, and its parameters."""
    if Permission.VIEW_USERS not in permissions:
        return "false", {}
    condition = "u.customer_id = %(customer)s AND u.purged_at IS NULL AND u.deleted_at IS NULL"
    return condition, {"customer": customer.pk}


def person_in_console(customer: Customer, permissions: Collection[Permission], user_id: int) -> User:
    """Return one of them; 404 for anybody else."""
    person = people_in_console(customer, permissions).select_related("org_unit").filter(pk=user_id).first()
    if person is None:
        raise Http404
    # The guard holds the customer already; a second copy would be one more query on every page.
    person.customer = customer
    return person


_ROLES: Final = "SELECT user_id, role FROM accounts_roleassignment WHERE user_id = ANY(%s) ORDER BY role"


def roles_held(people: Collection[User]) -> dict[int, list[Role]]:
    """Return the roles of each of some people, with one query: fifty prefetched relations cost more than the list."""
    held: dict[int, list[Role]] = {person.pk: [] for person in people}
    if not held:
        return held
    with connection.cursor() as cursor:
        cursor.execute(_ROLES, [list(held)])
        for user_id, role in cursor.fetchall():
            held[user_id].append(Role(role))
    return held


def aliases_of(person: User) -> list[str]:
    """Return the addresses beside its own that reach a person."""
    return list(
        Address.objects.filter(user=person)
        .exclude(email=person.email)
        .order_by("email")
        .values_list("email", flat=True)
    )


def holders_in_console(customer: Customer, permissions: Collection[Permission], role: Role) -> QuerySet[User]:
    """Return who holds a role of this customer; the default is nobody."""
    if Permission.VIEW_ROLES not in permissions:
        return User.objects.none()
    return User.objects.filter(customer=customer, role_assignments__role=role)


def holders_counted(customer: Customer, permissions: Collection[Permission]) -> dict[Role, int]:
    """Return every role of a customer's people, in the order of the list in roles.py, and how many hold it."""
    if Permission.VIEW_ROLES not in permissions:
        return {}
    held = RoleAssignment.objects.filter(user__customer=customer).values_list("role").annotate(number=Count("pk"))
    numbers = dict(held.order_by())
    return {role: numbers.get(role, 0) for role in Role if role in CUSTOMER_ROLES}
