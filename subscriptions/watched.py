"""Customers and resellers in one list, as the vendor's operators watch them (P5): what is wrong with each, and no more.

Nothing of what an organisation has inside: no people, no subscriptions. Both kinds stand in one order of names, which
an index of each gives; a page reads the first rows of both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value

from accounts import keyset
from accounts.directory.finding import PART
from accounts.domains import stored_part
from accounts.models import Customer, Domain, Reseller, RoleAssignment
from accounts.names import sort_key
from accounts.roles import Role
from subscriptions.access.retrying import failed_changes, overdue_changes

Watched = Customer | Reseller
# What is no problem.
_ADMIN: Final = "admin"
_BY_GRANT: Final = "grant__"
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


def page_of_watched(kinds: Sequence[QuerySet[Any]], at: keyset.Place, *, descending: bool) -> keyset.Rows[Watched]:
    """Return the organisations of the page at a place, by their names. kinds: what `watched` returns."""
    downwards = descending != (at.before is not None)
    key = at.before or at.after
    found: list[Watched] = []
    for rows in kinds:
        found += _first(rows, key, at.size + 1, downwards)
    found.sort(key=_key, reverse=downwards)
    return keyset.rows_of(found[: at.size + 1], at, _key)


def counted_watched(kinds: Sequence[QuerySet[Any]], at_most: int) -> int:
    """Return how many organisations were asked for; more than `at_most` are one more."""
    first, *others = (rows.order_by().values("pk")[: at_most + 1] for rows in kinds)
    return min(first.union(*others, all=True).count() if others else first.count(), at_most + 1)


def facts_about(organisations: Collection[Watched]) -> Facts:
    """Return what a page says about its organisations."""
    ids = {kind: {each.pk for each in organisations if kind_of(each) is kind} for kind in Kind}
    facts = [*[(str(problem), *_PROBLEMS[problem]()) for problem in Problem], (_ADMIN, _admins(), "user__")]
    asked = [_about(*fact, kind, ids[kind]) for fact in facts for kind in Kind if ids[kind]]
    problems: dict[tuple[Kind, int], list[Problem]] = {}
    with_admin: set[tuple[Kind, int]] = set()
    # One statement: a page asks each time, and most of the time of several went into asking.
    for fact, kind, pk in asked[0].union(*asked[1:]).order_by("fact") if asked else ():
        if pk in ids[Kind(kind)]:
            if fact == _ADMIN:
                with_admin.add((Kind(kind), pk))
            else:
                problems.setdefault((Kind(kind), pk), []).append(Problem(fact))
    return Facts(problems, with_admin)


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
    has_admin = Exists(_admins().filter(**{f"user__{kind}": OuterRef("pk")}))
    return rows.filter(~has_admin if state is State.NOBODY else has_admin)


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
    return failed_changes(), _BY_GRANT


def _overdue() -> tuple[QuerySet[Any], str]:
    return overdue_changes(), _BY_GRANT


# What is wrong, and through what such a row leads to its organisations.
_PROBLEMS: Final = {Problem.DOMAINS: _contested, Problem.FAILED: _failed, Problem.OVERDUE: _overdue}


def _about(fact: str, rows: QuerySet[Any], prefix: str, kind: Kind, ids: Collection[int]) -> QuerySet[Any, Any]:
    """Return a fact, the kind, and the organisations to which rows lead: those with these ids among them."""
    column = f"{prefix}{kind}"
    if prefix == _BY_GRANT and kind is Kind.RESELLER:
        # Changes that need a look are few; the relations of 50 resellers are a third of all.
        rows = rows.filter(**{f"{column}__isnull": False})
    else:
        rows = rows.filter(**{f"{column}__in": ids})
    named: QuerySet[Any] = rows.order_by().annotate(
        fact=Value(fact, CharField()), kind_of=Value(str(kind), CharField())
    )
    return named.values_list("fact", "kind_of", column)
