"""The query language of groups.list: `email:sales*`, `name='Sales team'`, `memberKey=ana@acme.example`.

https://developers.google.com/workspace/admin/directory/v1/guides/search-groups
"""

from __future__ import annotations

import re
from typing import Final

from django.db.models import Q, QuerySet

from accounts.domains import stored_part
from accounts.models import Customer, DirectoryGroup
from accounts.names import readable, sort_key
from api.core.errors import Invalid, NotFound
from api.directory.group_keys import groups_with, inner_of

_LONGEST: Final = 1_000
# field, operator, and a value in quotes or without a space. A quote inside is escaped.
_CLAUSE: Final = re.compile(r"(email|name|memberKey)\s*([=:])\s*(?:'((?:[^'\\]|\\.)*)'(\*?)|([^\s'*]*)(\*?))(?:\s+|$)")


def searched(groups: QuerySet[DirectoryGroup], customer: Customer, query: str) -> QuerySet[DirectoryGroup]:
    """Return those groups of a customer that a query finds. Raises Invalid for what is no query.

    Raises NotFound for a member that this customer has not.
    """
    clauses = _clauses(query)
    fields = {field for field, _operator, _value in clauses}
    if "memberKey" in fields and fields != {"memberKey"}:
        # "This cannot be used along with the email or name parameters in the same query."
        raise Invalid("query")
    for field, operator, value in clauses:
        if field != "memberKey":
            groups = groups.filter(_condition(field, operator, value))
        elif (inner := inner_of(customer, value)) is None:
            raise NotFound("memberKey")
        else:
            groups = groups.filter(pk__in=groups_with(customer, inner).values("pk"))
    return groups


def _clauses(query: str) -> list[tuple[str, str, str]]:
    query, place, found = query.strip(), 0, list[tuple[str, str, str]]()
    while place < len(query):
        match = _CLAUSE.match(query, place) if len(query) <= _LONGEST else None
        if match is None:
            raise Invalid("query")
        field, operator, quoted, star, bare, bare_star = match.groups()
        # A beginning ends with a star, also inside the quotes; only addresses and names have one.
        value = bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        is_beginning = bool(star or bare_star) or (quoted is not None and operator == ":" and value.endswith("*"))
        if is_beginning != (operator == ":") or (is_beginning and field == "memberKey") or not (quoted or bare):
            raise Invalid("query")
        found.append((field, operator, value.removesuffix("*") if is_beginning else value))
        place = match.end()
    if not found:
        raise Invalid("query")
    return found


def _condition(field: str, operator: str, value: str) -> Q:
    """Return what an address or a name has to be: the whole, or how it begins."""
    if field == "email":
        return Q(email=stored_part(value)) if operator == "=" else Q(email__startswith=stored_part(value))
    return Q(name__iexact=readable(value)) if operator == "=" else Q(sort_name__startswith=sort_key(value))
