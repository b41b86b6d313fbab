"""The groups of customers and the tags of a reseller: which there are, and how they end with the relation (R13)."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from accounts.audit import EventName, event, record_many
from accounts.models import Customer, Reseller, User
from accounts.roles import CUSTOMER_STAFF, Role
from subscriptions.models import AccessGrant, CustomerGroup, GroupedCustomer
from subscriptions.models.customer_group import GroupKind


def groups_of(agent: User) -> QuerySet[CustomerGroup]:
    """Return the groups and tags that this person's reseller has made; for those who see customers, else none."""
    if not agent.is_active or agent.reseller_id is None or not agent.roles & CUSTOMER_STAFF:
        return CustomerGroup.objects.none()
    return CustomerGroup.objects.filter(reseller=agent.reseller_id, reseller__suspended_at=None)


def may_group(agent: User) -> bool:
    """Tell whether this person makes groups and puts tags on customers: the admins of a reseller."""
    return agent.is_active and Role.RESELLER_ADMIN in agent.roles


def tags_of(agent: User) -> QuerySet[CustomerGroup]:
    """Return the tags among them, by name."""
    return groups_of(agent).filter(kind=GroupKind.TAG).order_by("name", "pk")


def groups_of_customer(agent: User, customer_id: int) -> QuerySet[CustomerGroup]:
    """Return the groups and tags that this person's reseller has put a customer of theirs into, tags first."""
    return groups_of(agent).filter(members__customer=customer_id).order_by("-kind", "name", "pk")


def group_of(agent: User, group_id: int) -> CustomerGroup:
    """Return one of them; 404 for any other."""
    found = groups_of(agent).filter(pk=group_id).first()
    if found is None:
        raise Http404
    return found


def members_of(group: CustomerGroup) -> Q:
    """Return the condition on relations that their customer is in a group."""
    return Q(customer__in=GroupedCustomer.objects.filter(group=group).values("customer"))


def with_numbers(groups: QuerySet[CustomerGroup]) -> QuerySet[CustomerGroup]:
    """Return groups with how many customers are in each (`number`)."""
    return groups.annotate(number=Count("members"))


def end_grouping(*, customer: Customer, reseller: Reseller) -> int:
    """Take a customer out of a reseller's groups and tags, as their relation ends; return out of how many.

    Part of the verb that ends the relation: a customer that comes back is not sorted by what was true of it once.
    """
    # The one lock that putting customers into a group waits for (customer_groups.py); its console is locked before.
    AccessGrant.objects.select_for_update().get(customer=customer, reseller=reseller, subscription=None)
    rows = GroupedCustomer.objects.filter(customer=customer, group__reseller=reseller)
    groups = list(rows.order_by("group__name").values_list("group__name", "group__kind"))
    rows.delete()
    record_many(
        event(
            EventName.REMOVE_CUSTOMER_FROM_GROUP,
            actor=None,
            customer=None,
            seen_by=reseller,
            subject=name,
            old={"group_kind": kind, "customer": customer.primary_domain},
        )
        for name, kind in groups
    )
    return len(groups)
