"""What an agent may see: every list and every object starts here, and the default is nothing (P4, R13, R15)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.domains import stored_part
from accounts.keyset import PAGE_SIZE
from accounts.models import Customer, User
from accounts.names import sort_key
from accounts.permissions import Permission
from accounts.roles import ALL_CUSTOMERS_ROLES, ASSIGNED_CUSTOMERS_ROLES, CUSTOMER_STAFF, SALES_ROLES, Role
from accounts.staffing import assigned_sql, customers_of, works_for_sql
from subscriptions.access.effective import AccessState, in_force, state
from subscriptions.access.narrowing import EVERYTHING, Narrowing
from subscriptions.models import AccessGrant, Subscription
from subscriptions.models.grant import SOLD, Basis
from subscriptions.models.subscription import Status


def staffed_sql(customer: str, user: str) -> str:
    """Return the SQL condition that the person `user` works for `customer` (P4); both are column names."""
    assigned = f"{holds_sql(ASSIGNED_CUSTOMERS_ROLES, user)} AND {works_for_sql(customer, user)}"
    return f"({holds_sql(ALL_CUSTOMERS_ROLES, user)} OR ({assigned}))"


def holds_sql(roles: frozenset[Role], user: str) -> str:
    """Return the SQL condition that the person `user`, a column name, holds one of `roles`."""
    names = ", ".join(f"'{role}'" for role in sorted(roles))
    return f"EXISTS (SELECT 1 FROM accounts_roleassignment ra WHERE ra.user_id = {user} AND ra.role IN ({names}))"  # noqa: S608


def relations_of(agent: User) -> QuerySet[AccessGrant]:
    """Return the live relations, one console grant each, that this agent works on; support only ones too (R19)."""
    if not agent.is_active or agent.reseller_id is None:
        return AccessGrant.objects.none()
    relations = AccessGrant.objects.filter(
        reseller=agent.reseller_id, reseller__suspended_at=None, subscription=None, ended_at=None
    )
    if agent.roles & ALL_CUSTOMERS_ROLES:
        return relations
    if agent.roles & ASSIGNED_CUSTOMERS_ROLES:
        return relations.filter(customer__in=customers_of(agent))
    return relations.none()


def relations_sold_in(agent: User) -> QuerySet[AccessGrant]:
    """Return those in which the agent's reseller has sold something: nobody sells in one of support only (B3)."""
    return relations_of(agent).filter(basis__in=SOLD)


def has_customer_pages(agent: User) -> bool:
    """Tell whether the reseller's pages of customers are open to this person: not to support agents (P4)."""
    return bool(agent.roles & (ALL_CUSTOMERS_ROLES | ASSIGNED_CUSTOMERS_ROLES))


def sales_relations_of(agent: User) -> QuerySet[AccessGrant]:
    """Return the live relations in which this person may order and change what its reseller sold (B3, P4).

    A reseller's admins in all of them, its agents where they work; an indirect admin sees them and sells nothing.
    """
    if Role.RESELLER_ADMIN in agent.roles:
        return relations_sold_in(agent)
    if agent.roles & SALES_ROLES:
        return relations_sold_in(agent).filter(customer__in=customers_of(agent))
    return AccessGrant.objects.none()


def access_relation(agent: User, domain: str) -> AccessGrant:
    """Return this agent's relation to the customer with that primary domain; 404 where there is none."""
    relation = relations_of(agent).select_related("customer", "reseller").filter(customer_domain=domain).first()
    if relation is None:
        raise Http404
    return relation


def sales_relation(agent: User, domain: str) -> AccessGrant:
    """Return the relation in which this person orders and changes; 404 for a stranger, 403 for the wrong role (B3)."""
    relation = access_relation(agent, domain)
    if not sales_relations_of(agent).filter(pk=relation.pk).exists():
        raise PermissionDenied(_("Your role does not allow this."))
    return relation


def sold_subscriptions(relation: AccessGrant) -> QuerySet[Subscription]:
    """Return what the relation's reseller sold to its customer, whatever the access switch says (B3).

    A support partner sees nothing of a relation that is over.
    """
    sold = Subscription.objects.filter(customer=relation.customer_id, reseller=relation.reseller_id)
    return sold.none() if relation.is_support_only else sold


def subscriptions_sold_by(agent: User, *, few: bool = False) -> QuerySet[Subscription]:
    """Return what this agent's reseller sold to the customers this agent works for, whatever became of it (B3, P4).

    few: for a query that stops after some rows; otherwise for one that reads them all.
    """
    if not agent.is_active or agent.reseller_id is None:
        return Subscription.objects.none()
    sold = Subscription.objects.filter(reseller=agent.reseller_id, reseller__suspended_at=None)
    if agent.roles & ALL_CUSTOMERS_ROLES:
        return sold
    if agent.roles & ASSIGNED_CUSTOMERS_ROLES:
        works = _works_for("subscriptions_subscription.customer_id", "%s", few=few)
        return sold.filter(RawSQL(works, [agent.pk, agent.pk], output_field=BooleanField()))  # noqa: S611  columns only
    return sold.none()


def subscriptions_in_console(
    person: User, customer: Customer, permissions: Collection[Permission] | None = None
) -> QuerySet[Subscription]:
    """Return the subscriptions this person sees in this console.

    The customer's own people see all (B1); an agent sees, while the console is open to it, what its
    reseller sold and what was bought from the vendor and is opened to that reseller (R3).
    permissions: what the guard found for this request; None, in a transaction that writes: ask at this instant.
    """
    view = Permission.VIEW_SUBSCRIPTIONS
    if not (person.has_perm(view, customer) if permissions is None else view in permissions):
        return Subscription.objects.none()
    subscriptions = Subscription.objects.filter(customer=customer)
    if person.customer_id == customer.pk:
        return subscriptions
    grants = AccessGrant.objects.filter(in_force(), reseller=person.reseller_id, reseller__suspended_at=None)
    console = grants.filter(customer=customer, subscription=None, ended_at=None)
    opened = Q(reseller=None) & Exists(grants.filter(subscription=OuterRef("pk")))
    return subscriptions.exclude(status=Status.CANCELLED).filter(
        Exists(console), Q(reseller=person.reseller_id) | opened
    )


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """A line of the reseller's list of customers. is_support_only: it sold them nothing and supports them (R19)."""

    key: tuple[str, int]
    name: str
    domain: str
    state: AccessState
    closes_at: datetime | None
    opens_at: datetime | None
    sold: int
    is_support_only: bool


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
    SELECT page.id, page.customer_sort_name, page.customer_name, page.customer_domain,
           page.effective_from, page.effective_until, waiting.due_at, sold.number, page.basis, statement_timestamp()
    FROM (
        SELECT g.* FROM subscriptions_accessgrant g WHERE {condition} AND {keyset}
        ORDER BY g.customer_sort_name {direction}, g.id {direction} LIMIT %(limit)s
    ) page
    LEFT JOIN subscriptions_accesschange waiting
      ON waiting.grant_id = page.id AND waiting.settled_at IS NULL AND waiting.allowed
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
    narrowing: Narrowing = EVERYTHING,
    descending: bool = False,
    after: tuple[str, int] | None = None,
    before: tuple[str, int] | None = None,
) -> CustomersPage:
    """Return 50 customers of the agent's reseller in the order of their names, and how many there are.

    search: a part of the name or of the domain, in any case, with or without accents.
    narrowing: only those whose access, or what was sold to them, stands so.
    after, before: the key of the row to continue behind, or in front of. In front of the first row: the first page.
    """
    condition, params = relations_condition(agent, search, narrowing, few=True)
    all_of_them, _params = relations_condition(agent, search, narrowing)
    backwards = before is not None
    upwards = backwards == descending
    key = before if backwards else after
    keyset = f"(g.customer_sort_name, g.id) {'>' if upwards else '<'} (%(name)s, %(id)s)" if key else "true"
    sql = _PAGE.format(condition=condition, keyset=keyset, direction="ASC" if upwards else "DESC")
    params |= {"limit": PAGE_SIZE + 1} | ({"name": _text(key[0]), "id": key[1]} if key else {})
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found = [_row(*columns) for columns in cursor.fetchall()]
        cursor.execute(_TOTAL.format(condition=all_of_them), params)
        [total] = cursor.fetchone()
    if backwards and not found:
        return customers_page(agent, search=search, narrowing=narrowing, descending=descending)
    rows = found[:PAGE_SIZE]
    more = len(found) > PAGE_SIZE
    rows = rows[::-1] if backwards else rows
    has_previous = more if backwards else after is not None
    has_next = True if backwards else more
    return CustomersPage(
        rows,
        total,
        previous=rows[0].key if rows and has_previous else None,
        next=rows[-1].key if rows and has_next else None,
    )


def relations_condition(
    agent: User, search: str = "", narrowing: Narrowing = EVERYTHING, *, few: bool = False
) -> tuple[str, dict[str, Any]]:
    """Return the SQL condition of the relations `g` that this agent works on, and its parameters (P4, R13).

    few: for a statement that stops after a page of rows; otherwise for one that reads them all.
    """
    conditions = [
        "g.reseller_id = %(reseller)s",
        "g.subscription_id IS NULL",
        "g.ended_at IS NULL",
        "EXISTS (SELECT 1 FROM accounts_reseller r WHERE r.id = %(reseller)s AND r.suspended_at IS NULL)",
    ]
    params: dict[str, Any] = {"reseller": agent.reseller_id, "user": agent.pk}
    if not agent.is_active or not agent.roles & CUSTOMER_STAFF:
        conditions.append("false")
    elif not agent.roles & ALL_CUSTOMERS_ROLES:
        conditions.append(_works_for("g.customer_id", "%(user)s", few=few))
    typed = _text(search)
    if search := sort_key(typed):
        conditions.append("(g.customer_sort_name LIKE %(search)s OR g.customer_domain LIKE %(domain)s)")
        params |= {"search": _anywhere(search), "domain": _anywhere(stored_part(typed))}
    return " AND ".join([*conditions, *narrowing.conditions]), params


def _anywhere(text: str) -> str:
    """Return the pattern of LIKE for a text anywhere."""
    return "%" + text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"


def _works_for(customer: str, user: str, *, few: bool) -> str:
    """Return whether an agent works for a customer: asked for each of few rows, or answered once for all of them."""
    return works_for_sql(customer, user) if few else f"{customer} IN {assigned_sql(user)}"


def _text(typed: str) -> str:
    """Return what PostgreSQL can hold of an address's text: it has no NUL."""
    return typed.replace("\x00", "")


def _row(  # noqa: PLR0917  the columns of _PAGE, in their order
    grant_id: int,
    sort_name: str,
    name: str,
    domain: str,
    effective_from: datetime | None,
    effective_until: datetime | None,
    opens_at: datetime | None,
    sold: int,
    basis: str,
    now: datetime,
) -> CustomerRow:
    access = state(now, effective_from, effective_until, opens_at)
    closes_at = effective_until if access is AccessState.CLOSING else None
    is_support_only = basis == Basis.CONTRACT
    return CustomerRow((sort_name, grant_id), name, domain, access, closes_at, opens_at, sold, is_support_only)
