"""The operators' list of organisations at 100,000 customers (P5): against raw psycopg2 with the same minimal SQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from django.db import connection

from accounts.keyset import Place
from accounts.models import Customer
from benchmarks.measure import alternately, table
from benchmarks.reading import raw
from subscriptions.watched import (
    Asked,
    Kind,
    Problem,
    State,
    counted_watched,
    facts_about,
    page_of_watched,
    watched,
)
from web.lists.listing import COUNTED

SIZE = 50
ROUNDS = 20

# An admin of each organisation but of one in fifty, one reseller in twenty suspended; 400 domains about which an
# operator has to decide, 300 changes that failed and 300 that are overdue.
_FILL = """
    INSERT INTO accounts_orgunit (customer_id, parent_id, name, sort_name, description, approves_mobile_devices)
    SELECT c.id, NULL, '', '', '', false FROM accounts_customer c
    WHERE NOT EXISTS (SELECT FROM accounts_orgunit u WHERE u.customer_id = c.id AND u.parent_id IS NULL);

    INSERT INTO accounts_user (password, email, name, sort_name, customer_id, reseller_id, is_vendor, org_unit_id,
        is_active, must_change_password, language, theme, time_zone)
    SELECT '!', 'first-admin@' || o.primary_domain, 'First Admin', 'first admin', o.customer, o.reseller, false,
           o.unit, true, false, '', 'system', 'UTC'
    FROM (SELECT c.id AS customer, NULL::bigint AS reseller, c.primary_domain, u.id AS unit FROM accounts_customer c
          JOIN accounts_orgunit u ON u.customer_id = c.id AND u.parent_id IS NULL WHERE c.id %% 50 <> 0
          UNION ALL
          SELECT NULL, r.id, r.primary_domain, NULL FROM accounts_reseller r WHERE r.id %% 50 <> 0) o;

    INSERT INTO accounts_roleassignment (user_id, role)
    SELECT id, CASE WHEN customer_id IS NULL THEN 'reseller_admin' ELSE 'super_admin' END
    FROM accounts_user WHERE email LIKE 'first-admin@%%';

    UPDATE accounts_reseller SET suspended_at = now() WHERE id %% 20 = 0;

    UPDATE accounts_domain SET contested_at = now() WHERE customer_id %% 250 = 7;

    INSERT INTO subscriptions_accesschange (grant_id, generation, allowed, requested_by_email, requested_at, due_at,
        reseller_agreed, settled_at, outcome, failure_reason, attempts, next_attempt_at, error)
    SELECT g.id, g.generation, true, '', now() - interval '1 day', now() - interval '1 hour', false,
           CASE WHEN g.customer_id %% 20 = 5 THEN now() END, CASE WHEN g.customer_id %% 20 = 5 THEN 'failed' END,
           CASE WHEN g.customer_id %% 20 = 5 THEN 'reseller_suspended' ELSE '' END, 0, now(), ''
    FROM subscriptions_accessgrant g WHERE g.customer_id %% 333 = 8 AND g.customer_id %% 20 > 3
"""
# What holds of an organisation `o` whose key is in {column}, by the name of what is asked.
_ADMIN = """EXISTS (SELECT FROM accounts_user u JOIN accounts_roleassignment a ON a.user_id = u.id
    WHERE u.{column} = o.id AND u.is_active AND a.role IN ('super_admin', 'reseller_admin'))"""
_CONTESTED = "o.id IN (SELECT d.{column} FROM accounts_domain d WHERE d.contested_at IS NOT NULL)"
_FAILED = """o.id IN (SELECT g.{column} FROM subscriptions_accesschange c
    JOIN subscriptions_accessgrant g ON g.id = c.grant_id AND g.generation = c.generation WHERE c.outcome = 'failed')"""
_OVERDUE = """o.id IN (SELECT g.{column} FROM subscriptions_accesschange c
    JOIN subscriptions_accessgrant g ON g.id = c.grant_id WHERE c.settled_at IS NULL AND c.due_at <= now())"""
_OF_KIND = """
    SELECT o.id, '{kind}' AS kind, o.name, o.sort_name, o.primary_domain, o.created_at, {suspended} AS suspended_at
    FROM accounts_{kind} o WHERE {condition}
"""
_FACTS = """
    SELECT o.*, {admin} AS has_admin, {contested}, {failed}, {overdue}
    FROM ({page}) o ORDER BY o.sort_name, o.kind, o.id
"""
LEAST = "raw psycopg2, the same minimal SQL (floor)"
_ALL = "true"


def floor(conditions: dict[str, str], params: list[str], counts: dict[str, str]) -> list[object]:
    """Ask for a page with its facts, and for the number of all.

    conditions: on `o`, of each kind that is asked for; counts: those of the number, where a page further on has others.
    """
    firsts = [f"({_of(*each)} ORDER BY o.sort_name, o.id LIMIT {SIZE + 1})" for each in conditions.items()]
    page = f"SELECT * FROM ({' UNION ALL '.join(firsts)}) p ORDER BY sort_name, kind, id LIMIT {SIZE + 1}"
    facts = _FACTS.format(
        page=page,
        **{name: of_both(sql) for name, sql in (("admin", _ADMIN), ("contested", _CONTESTED))},
        **{name: of_both(sql) for name, sql in (("failed", _FAILED), ("overdue", _OVERDUE))},
    )
    numbers = [
        f"(SELECT count(*) FROM ({_of(*each)} LIMIT {COUNTED + 1}) n)" for each in (counts or conditions).items()
    ]
    given = params * len(conditions)
    return raw((facts, given), (f"SELECT {' + '.join(numbers)}", [] if counts else given))


def _of(kind: str, condition: str) -> str:
    suspended = "o.suspended_at" if kind == Kind.RESELLER else "NULL::timestamptz"
    return _OF_KIND.format(kind=kind, condition=condition.format(column=f"{kind}_id"), suspended=suspended)


def of_both(condition: str) -> str:
    """Return a condition of an organisation of either kind."""
    sides = (f"o.kind = '{kind}' AND {condition.format(column=f'{kind}_id')}" for kind in Kind)
    return f"({' OR '.join(sides)})"


def list_of(asked: Asked, at: Place) -> int:
    """Do what the page of the list asks the database, and return the number of all."""
    kinds = watched(asked)
    facts_about(page_of_watched(kinds, at, descending=asked.descending).rows)
    return counted_watched(kinds, COUNTED)


def run() -> None:
    """Print the tables."""
    with connection.cursor() as cursor:
        cursor.execute(_FILL.replace("%%", "%"))
        cursor.execute("VACUUM (ANALYZE)")
    first = Place("organisations", size=SIZE)
    both = dict.fromkeys(map(str, Kind), _ALL)
    show("First page", Asked(), first, both)
    deep = Customer.objects.order_by("sort_name", "pk")[(Customer.objects.count() * 3) // 4]
    key = (deep.sort_name, str(Kind.CUSTOMER), deep.pk)
    behind = dict.fromkeys(both, "o.sort_name > %s")
    show("Behind row 75,000", Asked(), replace(first, after=key), behind, [deep.sort_name], counts=both)
    for label, typed in {"nothing found": "zzzz", "few": "a1b2", "many": "a1b"}.items():
        part = f"%{typed}%"
        matches = dict.fromkeys(both, "(o.sort_name LIKE %s OR o.primary_domain LIKE %s)")
        show(f"Search, {label}", Asked(text=typed), first, matches, [part, part])
    for kind in Kind:
        show(f"Type: {kind}", Asked(kind=kind), first, {kind: _ALL})
    states = {
        State.ACTIVE: {Kind.CUSTOMER: _ADMIN, Kind.RESELLER: f"o.suspended_at IS NULL AND {_ADMIN}"},
        State.SUSPENDED: {Kind.RESELLER: "o.suspended_at IS NOT NULL"},
        State.NOBODY: {Kind.CUSTOMER: f"NOT {_ADMIN}", Kind.RESELLER: f"o.suspended_at IS NULL AND NOT {_ADMIN}"},
    }
    for state, conditions in states.items():
        show(f"Status: {state}", Asked(state=state), first, {str(kind): one for kind, one in conditions.items()})
    problems = {Problem.DOMAINS: _CONTESTED, Problem.FAILED: _FAILED, Problem.OVERDUE: _OVERDUE}
    for problem, condition in problems.items():
        show(f"Problems: {problem}", Asked(problems=frozenset([problem])), first, dict.fromkeys(both, condition))
    wrong = f"({' OR '.join(problems.values())})"
    show("Problems: any", Asked(problems=frozenset(Problem)), first, dict.fromkeys(both, wrong))


def show(
    title: str,
    asked: Asked,
    at: Place,
    conditions: dict[str, str],
    params: list[str] | None = None,
    counts: dict[str, str] | None = None,
) -> None:
    """Print one table."""
    ways: dict[str, Callable[[], object]] = {
        LEAST: partial(floor, conditions, params or [], counts or {}),
        "the list": partial(list_of, asked, at),
    }
    table(f"Organisations of the operators, 100,000. {title}", alternately(ways, ROUNDS), LEAST)
