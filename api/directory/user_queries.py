"""The query language of users.list: clauses `field:text`, `field=text`, `field:text*` and bare words, all of them true.

As documented on developers.google.com, "Search for users": every comparison ignores case, `:` finds a part of a text,
`=` the whole of it, and `*` what begins so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.db.models import BooleanField, CharField, Exists, F, Func, OuterRef, Q, Value

from accounts.directory.tree import Tree
from accounts.factors import holds_factor
from accounts.models import Address, RoleAssignment
from accounts.names import storable
from accounts.roles import Role
from api.core.errors import Invalid

_CLAUSE = re.compile(
    r"""\s*(?:(?P<field>[A-Za-z][A-Za-z0-9]*)\s?(?P<operator>[:=])\s?)?"""
    r"""(?:'(?P<single>(?:[^'\\]|\\.)*)'|"(?P<double>(?:[^"\\]|\\.)*)"|(?P<plain>(?(field)[^\s'"]+|[^\s'":=]+)))"""
    r"""(?P<star>\*)?(?=\s|$)"""
)
_LONGEST: Final = 2_000
_MOST: Final = 20
# Where in the contact of a person a field is looked up, and whether a part of the text is enough.
_IN_CONTACT: Final[Mapping[str, str]] = {
    "im": "$.ims[*].im",
    "externalId": "$.externalIds[*].value",
    "manager": '$.relations[*] ? (@.type == "manager").value',
    "directManager": '$.relations[*] ? (@.type == "manager").value',
    "address": "$.addresses[*].*",
    "addressPoBox": "$.addresses[*].poBox",
    "addressExtended": "$.addresses[*].extendedAddress",
    "addressStreet": "$.addresses[*].streetAddress",
    "addressLocality": "$.addresses[*].locality",
    "addressRegion": "$.addresses[*].region",
    "addressPostalCode": "$.addresses[*].postalCode",
    "addressCountry": "$.addresses[*].country",
    "orgName": "$.organizations[*].name",
    "orgTitle": "$.organizations[*].title",
    "orgDepartment": "$.organizations[*].department",
    "orgDescription": "$.organizations[*].description",
    "orgCostCenter": "$.organizations[*].costCenter",
    "phone": "$.phones[*].value",
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition. operator: ":" or "="; empty where no field is named. is_prefix: what begins with the text."""

    field: str
    operator: str
    text: str
    is_prefix: bool


def condition(query: str, tree: Tree) -> Q:
    """Return the condition of a query. Raises Invalid for one that cannot be read, or names what nobody has."""
    found = Q()
    for number, clause in enumerate(clauses(query)):
        if number >= _MOST:
            raise Invalid("query")
        found &= _condition(clause, tree)
    return found


def clauses(query: str) -> Iterator[Clause]:
    """Read the clauses of a query one after the other. Raises Invalid."""
    query = storable(query).strip()
    if len(query) > _LONGEST:
        raise Invalid("query")
    place = 0
    while place < len(query):
        match = _CLAUSE.match(query, place)
        if match is None:
            raise Invalid("query")
        place = match.end()
        plain = match["plain"]
        quoted = match["single"] if match["single"] is not None else match["double"]
        text = plain if plain is not None else re.sub(r"\\(.)", r"\1", quoted)
        is_prefix = bool(match["star"]) or (plain is not None and plain.endswith("*"))
        yield Clause(
            match["field"] or "", match["operator"] or "", text.removesuffix("*") if plain else text, is_prefix
        )


def _condition(clause: Clause, tree: Tree) -> Q:
    if not clause.field:
        return _names(clause, "given_name") | _names(clause, "family_name") | _email(clause)
    if clause.field in _FLAGS:
        if clause.operator != "=" or clause.text.lower() not in ("true", "false"):
            raise Invalid("query")
        flag = _FLAGS[clause.field]()
        return flag if clause.text.lower() == "true" else ~flag
    if clause.field == "orgUnitPath":
        unit = tree.at(clause.text)
        return Q(org_unit__in=tree.below(unit.pk)) if unit else Q(pk__in=[])
    if clause.field in _NAMES:
        return _names(clause, _NAMES[clause.field])
    if clause.field == "email":
        return _email(clause)
    if clause.field in _IN_CONTACT:
        return Q(_in_contact(_IN_CONTACT[clause.field], clause))
    raise Invalid("query")


_NAMES: Final[Mapping[str, str]] = {"name": "name", "givenName": "given_name", "familyName": "family_name"}


def _names(clause: Clause, column: str) -> Q:
    return Q(**{f"{column}__{_lookup(clause)}": clause.text})


def _email(clause: Clause) -> Q:
    """Return the condition that an address of a person, their own or an alias, is meant."""
    found = Address.objects.filter(**{f"email__{_lookup(clause).removeprefix('i')}": clause.text.lower()})
    return Q(pk__in=found.filter(user__isnull=False).values("user"))


def _lookup(clause: Clause) -> str:
    if clause.is_prefix:
        return "istartswith"
    return "iexact" if clause.operator == "=" else "icontains"


def _in_contact(path: str, clause: Clause) -> Func:
    """Return whether a text in a person's contact fits. The pattern is a value of the statement, never a part of it."""
    text = re.sub(r"([^\w\s])", r"\\\1", clause.text)
    pattern = f"^{text}" if clause.is_prefix else f"^{text}$" if clause.operator == "=" else text
    fits = f'{path} ? (@.type() == "string" && @ like_regex {json.dumps(pattern)} flag "i")'
    return Func(
        F("contact"),
        Value(fits, output_field=CharField()),
        template="jsonb_path_exists(%(expressions)s::jsonpath)",
        output_field=BooleanField(),
    )


def _holds(*roles: Role) -> Exists:
    held = RoleAssignment.objects.filter(user=OuterRef("pk"))
    return Exists(held.filter(role__in=roles) if roles else held)


# What is true or false of a person.
_FLAGS: Final[Mapping[str, Callable[[], Q]]] = {
    "isAdmin": lambda: Q(_holds(Role.SUPER_ADMIN)),
    "isDelegatedAdmin": lambda: Q(_holds()) & ~Q(_holds(Role.SUPER_ADMIN)),
    "isSuspended": lambda: Q(suspended_at__isnull=False),
    "isArchived": lambda: Q(pk__in=[]),
    "isEnrolledIn2Sv": lambda: Q(holds_factor("pk")),
}
