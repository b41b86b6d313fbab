"""Customers and resellers in one list, as the vendor's operators watch them (P5): what is wrong with each, and no more.

Nothing of what an organisation has inside: no people, no subscriptions. Both kinds stand in one order of names, which
an index of each gives; a page reads the first rows of both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db.models import Q, QuerySet

from accounts import keyset
from accounts.directory.finding import PART
from accounts.domains import stored_part
from accounts.models import Customer, Domain, Reseller, RoleAssignment
from accounts.names import sort_key
from accounts.roles import Role
from subscriptions.access.retrying import failed_changes, overdue_changes

Watched = Customer | Reseller
# Organisations with a domain of exactly this name that is not their primary one.
_BY_DOMAIN: Final = 50


class Kind(StrEnum):
    """The two kinds, in the order in which those of one name stand."""

    CUSTOMER = "customer"
    RESELLER = "reseller"


class Problem(StrEnum):
    """What an operator has to look at."""

    DOMAINS = "domains"
    FAILED = "failed"
    OVERDUE = "overdue"


class State(StrEnum):
    """How an organisation is. NOBODY: no active admin decides there."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is filtered by. text: part of a name or of a primary domain, or a whole domain of theirs."""

    text: str = ""
    kind: Kind | None = None
    state: State | None = None
    problems: frozenset[Problem] = frozenset()
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What a page says about its organisations: by kind and id, what is wrong, and which of them have an admin."""

    problems: dict[tuple[Kind, int], list[Problem]]
    with_admin: set[tuple[Kind, int]]


def kind_of(organisation: Watched) -> Kind:
    """Return of which kind an organisation is."""
    return Kind.CUSTOMER if isinstance(organisation, Customer) else Kind.RESELLER


def watched(asked: Asked) -> list[QuerySet[Any]]:
    """Return the customers and the resellers that were asked for; of a kind that was not, nothing."""
    domains = _with_domain(asked.text) if asked.text else []
    return [_of_kind(kind, asked, domains) for kind in Kind if asked.kind in (None, kind)]


def page_of_watched(asked: Asked, at: keyset.Place) -> keyset.Rows[Watched]:
    """Return the organisations of the page at a place, by their names."""
    downwards = asked.descending != (at.before is not None)
    key = at.before or at.after
    found: list[Watched] = []
    for rows in watched(asked):
        found += _first(rows, key, at.size + 1, downwards)
    found.sort(key=_key, reverse=downwards)
    return keyset.rows_of(found[: at.size + 1], at, _key)


def counted_watched(asked: Asked, at_most: int) -> int:
    """Return how many organisations were asked for; more than `at_most` are one more."""
    numbers = (rows.order_by()[: at_most + 1].count() for rows in watched(asked))
    return min(sum(numbers), at_most + 1)


def facts_about(organisations: Collection[Watched]) -> Facts:
    """Return what a page says about its organisations."""
    ids = {kind: [each.pk for each in organisations if kind_of(each) is kind] for kind in Kind}
    problems: dict[tuple[Kind, int], list[Problem]] = {}
    for problem in Problem:
        rows, prefix = _PROBLEMS[problem]()
        for key in _pairs(rows, prefix, ids):
            problems.setdefault(key, []).append(problem)
    return Facts(problems, _pairs(_admins(), "user__", ids))


def _of_kind(kind: Kind, asked: Asked, domains: list[Domain]) -> QuerySet[Any]:
    model: type[Watched] = Customer if kind is Kind.CUSTOMER else Reseller
    rows: QuerySet[Any] = model._default_manager.all()
    if asked.text:
        ids = [getattr(row, f"{kind}_id") for row in domains if getattr(row, f"{kind}_id")]
        rows = rows.filter(_matches(asked.text) | Q(pk__in=ids))
    if asked.problems:
        wrong = Q()
        for problem in asked.problems:
            found, prefix = _PROBLEMS[problem]()
            wrong |= Q(pk__in=found.filter(**{f"{prefix}{kind}__isnull": False}).values(f"{prefix}{kind}"))
        rows = rows.filter(wrong)
    return _in_state(rows, kind, asked.state)


def _in_state(rows: QuerySet[Any], kind: Kind, state: State | None) -> QuerySet[Any]:
    if state is None:
        return rows
    if kind is Kind.RESELLER:
        rows = rows.filter(suspended_at__isnull=state is not State.SUSPENDED)
    elif state is State.SUSPENDED:
        # No rule suspends a customer.
        return rows.none()
    if state is State.SUSPENDED:
        return rows
    having = _admins().filter(**{f"user__{kind}__isnull": False}).values(f"user__{kind}")
    return rows.exclude(pk__in=having) if state is State.NOBODY else rows.filter(pk__in=having)


def _matches(text: str) -> Q:
    key = sort_key(text)
    if len(key) < PART:
        return Q(sort_name__startswith=key)
    return Q(sort_name__contains=key) | Q(primary_domain__contains=stored_part(text))


def _with_domain(text: str) -> list[Domain]:
    return list(Domain.objects.filter(name=stored_part(text)).only("customer_id", "reseller_id")[:_BY_DOMAIN])


def _first(rows: QuerySet[Any], key: keyset.Key | None, number: int, downwards: bool) -> Iterable[Any]:
    """Return the first rows of one kind behind a place in the order of (name, kind, id), or against it."""
    order = ("-sort_name", "-pk") if downwards else ("sort_name", "pk")
    if key:
        name, kind, pk = key
        own = Kind.CUSTOMER if rows.model is Customer else Kind.RESELLER
        sign = "lt" if downwards else "gt"
        is_behind = own == kind or (own < kind) == downwards
        beside = Q(**{f"pk__{sign}": pk}) if own == kind else Q()
        rows = rows.filter(**{f"sort_name__{sign}e": name})
        rows = rows.filter(Q(**{f"sort_name__{sign}": name}) | (Q(sort_name=name) & beside if is_behind else Q(pk=0)))
    return rows.order_by(*order)[:number]


def _key(organisation: Watched) -> keyset.Key:
    return (organisation.sort_name, str(kind_of(organisation)), organisation.pk)


def _admins() -> QuerySet[RoleAssignment]:
    return RoleAssignment.objects.filter(role__in=(Role.SUPER_ADMIN, Role.RESELLER_ADMIN), user__is_active=True)


def _contested() -> tuple[QuerySet[Any], str]:
    return Domain.objects.filter(contested_at__isnull=False), ""


def _failed() -> tuple[QuerySet[Any], str]:
    return failed_changes(), "grant__"


def _overdue() -> tuple[QuerySet[Any], str]:
    return overdue_changes(), "grant__"


# What is wrong, and through what such a row leads to its organisations.
_PROBLEMS: Final = {Problem.DOMAINS: _contested, Problem.FAILED: _failed, Problem.OVERDUE: _overdue}


def _pairs(rows: QuerySet[Any], prefix: str, ids: dict[Kind, list[int]]) -> set[tuple[Kind, int]]:
    """Return the organisations, of those with these ids, to which rows lead."""
    columns = {kind: f"{prefix}{kind}" for kind in Kind}
    about = Q()
    for kind, column in columns.items():
        about |= Q(**{f"{column}__in": ids[kind]})
    found = rows.filter(about).order_by().values_list(*columns.values()).distinct()
    return {
        (kind, pk) for pair in found for kind, pk in zip(Kind, pair, strict=True) if pk is not None and pk in ids[kind]
    }
