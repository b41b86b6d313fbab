"""What an agent may see: every list and every object starts here, and the default is nothing (P4, R13, R15)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.domains import stored_part
from accounts.models import Customer, User
from accounts.models.staffing import assigned_sql, works_for_sql
from accounts.names import anywhere, sort_key, storable
from accounts.permissions import Permission
from accounts.roles import ALL_CUSTOMERS_ROLES, ASSIGNED_CUSTOMERS_ROLES, CUSTOMER_STAFF, SALES_ROLES, Role
from accounts.staffing import works_for, works_for_all
from subscriptions.access.customer_filter import EVERYTHING, CustomerFilter
from subscriptions.access.effective import in_force
from subscriptions.models import AccessGrant, Subscription
from subscriptions.models.grant import SOLD
from subscriptions.models.subscription import Status


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
        return relations.filter(works_for(agent))
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
        return relations_sold_in(agent).filter(works_for(agent))
    return AccessGrant.objects.none()


def asking_relations_of(agent: User) -> QuerySet[AccessGrant]:
    """Return the live relations in which this person may ask for access (R17): as they may sell, and support only too.

    An indirect admin sees them all and asks for nothing, but where they work as an agent.
    """
    if Role.RESELLER_ADMIN in agent.roles:
        return relations_of(agent)
    if agent.roles & SALES_ROLES:
        return relations_of(agent).filter(works_for(agent))
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
        works = _works_for(agent, "subscriptions_subscription.customer_id", "%s", few=few)
        return sold.filter(RawSQL(works, [agent.pk] * works.count("%s"), output_field=BooleanField()))  # noqa: S611  columns only
    return sold.none()


def subscriptions_in_console(
    person: User, customer: Customer, permissions: Collection[Permission] | None = None
) -> QuerySet[Subscription]:
    """Return the subscriptions this person sees in this console.

    The customer's own people see all (B1); an agent sees, while the console is open to them, what their
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


def relations_condition(
    agent: User, search: str = "", customer_filter: CustomerFilter = EVERYTHING, *, few: bool = False
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
        conditions.append(_works_for(agent, "g.customer_id", "%(user)s", few=few))
    typed = storable(search)
    if search := sort_key(typed):
        conditions.append("(g.customer_sort_name LIKE %(search)s OR g.customer_domain LIKE %(domain)s)")
        params |= {"search": anywhere(search), "domain": anywhere(stored_part(typed))}
    return " AND ".join([*conditions, *customer_filter.conditions]), params | customer_filter.params


def _works_for(agent: User, customer: str, user: str, *, few: bool) -> str:
    """Return whether an agent works for a customer: asked for each of few rows, or answered once for all of them."""
    if few:
        return works_for_sql(customer, user)
    return "true" if works_for_all(agent) else f"{customer} IN {assigned_sql(user)}"
