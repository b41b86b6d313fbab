"""The reseller's list of customers, a page at a time (P4, R13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise_reseller
from accounts.keyset import PAGE_SIZE
from accounts.models import User
from accounts.names import storable
from accounts.roles import CUSTOMER_STAFF
from subscriptions.access.customer_filter import EVERYTHING, CustomerFilter
from subscriptions.access.effective import IN_FORCE, AccessState, Window, activation_sql, level_sql, standing_sql, state
from subscriptions.access.scope import relations_condition
from subscriptions.models.grant import Basis


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A line of the reseller's list of customers. is_support_only: it sold them nothing and supports them (R19).

    ends_at: the end that the customer has set (R16). level: what is open, empty where nothing is (R18).
    is_activated: the reader is in the hours of an activation (R20). What else a line says of its customer is looked up
    for the lines of a page (customer_columns.py).
    """

    key: tuple[str, int]
    customer_id: int
    name: str
    domain: str
    state: AccessState
    closes_at: datetime | None
    opens_at: datetime | None
    sold: int
    is_support_only: bool
    ends_at: datetime | None
    level: str
    is_activated: bool

    @property
    def can_be_entered(self) -> bool:
        """Whether the reader can go in at this instant; where a console is on request they activate access first."""
        return self.state in IN_FORCE and (self.is_activated or self.state is not AccessState.ON_REQUEST)


@dataclass(frozen=True, slots=True)
class CustomersPage:
    """One page of that list. previous, next: the keys to continue with; None at an end."""

    rows: list[CustomerRow]
    total: int
    previous: tuple[str, int] | None
    next: tuple[str, int] | None


# The page comes off the index customers_of_a_reseller in its order, by a row comparison, so that a page
# deep inside costs what the first one costs; what is waiting and what was sold is looked up for its rows only.
_PAGE = """
    SELECT page.id, page.customer_id, page.customer_sort_name, page.customer_name, page.customer_domain,
           page.effective_from, page.effective_until, page.effective_ends_at, {level}, {standing},
           CASE WHEN {standing} <> 'all' THEN {activation} END, waiting.due_at, sold.number,
           page.basis, statement_timestamp()
    FROM (
        SELECT g.* FROM subscriptions_accessgrant g WHERE {condition} AND {keyset}
        ORDER BY g.customer_sort_name {direction}, g.id {direction} LIMIT %(limit)s
    ) page
    LEFT JOIN subscriptions_accesschange waiting
      ON waiting.grant_id = page.id AND waiting.settled_at IS NULL AND waiting.allowed AND waiting.gives
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM subscriptions_subscription s
        WHERE s.reseller_id = %(reseller)s AND s.customer_id = page.customer_id AND s.status <> 'CANCELLED'
    ) sold
    ORDER BY page.customer_sort_name {direction}, page.id {direction}
"""


_TOTAL = "SELECT count(*) FROM subscriptions_accessgrant g WHERE {condition}"


def customers_page(
    agent: User,
    *,
    search: str = "",
    customer_filter: CustomerFilter = EVERYTHING,
    descending: bool = False,
    after: tuple[str, int] | None = None,
    before: tuple[str, int] | None = None,
    size: int = PAGE_SIZE,
) -> CustomersPage:
    """Return one page of the customers of the agent's reseller in the order of their names, and how many there are.

    search: a part of the name or of the domain, in any case, with or without accents.
    customer_filter: only those whose access, or what was sold to them, stands so.
    after, before: the key of the row to continue behind, or in front of. In front of the first row: the first page.
    size: how many rows it has.
    """
    backwards = before is not None
    key, upwards = before if backwards else after, backwards == descending
    found = _read(agent, search, customer_filter, key, size + 1, upwards=upwards)
    if backwards and not found:
        return customers_page(agent, search=search, customer_filter=customer_filter, descending=descending, size=size)
    total = _count(agent, search, customer_filter)
    rows = found[:size]
    more = len(found) > size
    rows = rows[::-1] if backwards else rows
    has_previous, has_next = (more, True) if backwards else (after is not None, more)
    previous, following = (rows[0].key, rows[-1].key) if rows else (None, None)
    return CustomersPage(rows, total, previous if has_previous else None, following if has_next else None)


def customers_found(agent: User, search: str, customer_filter: CustomerFilter) -> list[int]:
    """Return the ids of all customers that the list shows with this search and filter."""
    condition, params = relations_condition(agent, search, customer_filter)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT g.customer_id FROM subscriptions_accessgrant g WHERE {condition}", params)  # noqa: S608  ours
        return [pk for (pk,) in cursor.fetchall()]


def customers_after(
    agent: User,
    key: tuple[str, int] | None,
    size: int,
    *,
    search: str = "",
    customer_filter: CustomerFilter = EVERYTHING,
) -> list[CustomerRow]:
    """Return so many customers behind a key in the order of their names: a batch of a download (R11)."""
    return _read(agent, search, customer_filter, key, size, upwards=True)


@transaction.atomic
def export_customers(*, actor: Actor, filters: Mapping[str, str]) -> None:
    """Record that the list is downloaded, and how it was filtered. Raises PermissionDenied."""
    reseller = authorise_reseller(actor, CUSTOMER_STAFF)
    name = EventName.DOWNLOAD_CUSTOMERLIST_CSV
    record_audit(name, actor=actor, customer=None, subject=reseller.name, new=dict(filters) or None)


def _read(
    agent: User, search: str, customer_filter: CustomerFilter, key: tuple[str, int] | None, limit: int, *, upwards: bool
) -> list[CustomerRow]:
    condition, params = relations_condition(agent, search, customer_filter, few=True)
    sql = _PAGE.format(
        condition=condition,
        keyset=f"(g.customer_sort_name, g.id) {'>' if upwards else '<'} (%(name)s, %(id)s)" if key else "true",
        direction="ASC" if upwards else "DESC",
        level=level_sql("page"),
        standing=standing_sql("page"),
        activation=activation_sql("page", "%(user)s"),
    )
    params |= {"limit": limit} | ({"name": storable(key[0]), "id": key[1]} if key else {})
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [_row(*columns) for columns in cursor.fetchall()]


def _count(agent: User, search: str, customer_filter: CustomerFilter) -> int:
    condition, params = relations_condition(agent, search, customer_filter)
    with connection.cursor() as cursor:
        cursor.execute(_TOTAL.format(condition=condition), params)
        return int(cursor.fetchone()[0])


def _row(  # noqa: PLR0917  the columns of _PAGE, in their order
    grant_id: int,
    customer_id: int,
    sort_name: str,
    name: str,
    domain: str,
    effective_from: datetime | None,
    effective_until: datetime | None,
    effective_ends_at: datetime | None,
    level: str,
    standing: str,
    activation: int | None,
    opens_at: datetime | None,
    sold: int,
    basis: str,
    now: datetime,
) -> CustomerRow:
    access = state(now, Window(effective_from, effective_until, effective_ends_at), standing, opens_at)
    closes_at = effective_until if access is AccessState.CLOSING else None
    ends_itself = access in (AccessState.OPEN, AccessState.ON_REQUEST)
    opens_at = None if ends_itself else opens_at  # R10: what is open already only becomes wider
    ends_at = effective_until if ends_itself else None
    level_now = level if access in IN_FORCE else ""
    is_support_only = basis == Basis.CONTRACT
    return CustomerRow(
        (sort_name, grant_id),
        customer_id,
        name,
        domain,
        access,
        closes_at,
        opens_at,
        sold,
        is_support_only,
        ends_at,
        level_now,
        is_activated=activation is not None,
    )
