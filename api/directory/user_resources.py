"""People as the Directory API shows them. How many there are changes nothing about the number of queries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from accounts.directory.contact import CONTACT
from accounts.directory.scope import roles_held
from accounts.directory.tree import Tree, tree_of
from accounts.factors import RequiredOf, is_required, people_with_factor
from accounts.models import Customer, User
from accounts.moments import rfc3339
from accounts.roles import Role

# How the original says that someone never signed in.
NEVER: Final = "1970-01-01T00:00:00.000Z"
# What everybody of the organisation may see of a person, where not more is asked for.
_PUBLIC: Final = frozenset({"kind", "id", "primaryEmail", "name", "emails", "organizations", "phones", "locations"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What is read of several people at once."""

    customer: Customer
    tree: Tree
    roles: dict[int, list[Role]]
    aliases: dict[int, list[str]]
    enrolled: Collection[int]


def facts_of(customer: Customer, people: Sequence[User], tree: Tree | None = None) -> Facts:
    """Read what belongs to some people of a customer, with the same queries for one and for 500."""
    return Facts(
        customer,
        tree or tree_of(customer),
        roles_held(people),
        aliases_of_people(people),
        people_with_factor(people),
    )


# Their own address is one of theirs too, and no alias. An array: 500 numbers in a list cost Django more than the query.
_ALIASES: Final = """
    SELECT user_id, a.email FROM accounts_address a JOIN accounts_user u ON u.id = user_id
    WHERE user_id = ANY(%s) AND a.email <> u.email ORDER BY a.email
"""


def aliases_of_people(people: Sequence[User]) -> dict[int, list[str]]:
    """Return the aliases of those of some people who have any."""
    found: dict[int, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ALIASES, [[person.pk for person in people]])
        for user_id, email in cursor.fetchall():
            found.setdefault(user_id, []).append(email)
    return found


def shown(person: User, facts: Facts, view: str = "admin_view") -> dict[str, Any]:
    """Return a person as the API names the fields. view: `domain_public` for what everybody may see."""
    aliases = facts.aliases.get(person.pk, ())
    resource: dict[str, Any] = {
        "kind": "admin#directory#user",
        "id": person.public_id,
        "primaryEmail": person.email,
        "name": {"givenName": person.given_name, "familyName": person.family_name, "fullName": person.name},
        **_states(person, facts),
        "emails": _emails(person, aliases),
        "customerId": facts.customer.customer_id,
        "orgUnitPath": facts.tree.path(person.org_unit_id or facts.tree.root.pk),
        **{name: value for name, value in person.contact.items() if name in CONTACT and name != "emails"},
    }
    if aliases:
        resource["aliases"] = aliases
    recovery = {"recoveryEmail": person.recovery_email, "recoveryPhone": person.recovery_phone}
    resource |= {name: text for name, text in recovery.items() if text}
    if view == "admin_view":
        return resource
    return {name: value for name, value in resource.items() if name in _PUBLIC}


def _states(person: User, facts: Facts) -> dict[str, Any]:
    roles = facts.roles[person.pk]
    suspended = person.suspended_at is not None
    states: dict[str, Any] = {
        "isAdmin": Role.SUPER_ADMIN in roles,
        "isDelegatedAdmin": bool(roles) and Role.SUPER_ADMIN not in roles,
        "lastLoginTime": moment_of(person.last_login) if person.last_login else NEVER,
        "creationTime": moment_of(person.created_at),
        "agreedToTerms": person.last_login is not None,
        "suspended": suspended,
        "archived": False,
        "changePasswordAtNextLogin": person.must_change_password,
        "ipWhitelisted": False,
        "isMailboxSetup": False,
        "isEnrolledIn2Sv": person.pk in facts.enrolled,
        "isEnforcedIn2Sv": Role.SUPER_ADMIN in roles and is_required(RequiredOf.SUPER_ADMINS),
        "includeInGlobalAddressList": True,
    }
    if suspended:
        states["suspensionReason"] = "ADMIN"
        states["suspensionTime"] = moment_of(person.suspended_at)
    if person.deleted_at is not None:
        states["deletionTime"] = moment_of(person.deleted_at)
    return states


def _emails(person: User, aliases: Sequence[str]) -> list[dict[str, Any]]:
    own: list[dict[str, Any]] = [{"address": person.email, "primary": True}]
    return [*own, *({"address": alias} for alias in aliases), *person.contact.get("emails", [])]


def moment_of(moment: datetime | None) -> str:
    """Return a moment as the original writes it: in UTC, with milliseconds."""
    assert moment is not None
    return rfc3339(moment, "milliseconds")
