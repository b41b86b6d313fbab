"""Which agents and teams of a reseller work for which customers (P4): django-guardian with direct foreign keys.

The rows, and the condition of working for a customer in SQL, for statements that cannot go through the ORM.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.models.organisations import Customer, Reseller
from accounts.models.people import User
from accounts.models.targets import TargetKind
from accounts.roles import ALL_CUSTOMERS_ROLES, ASSIGNED_CUSTOMERS_ROLES, holds_sql

# Agents, and teams, that the page of a customer names.
NAMED_AT_MOST: Final = 50


class Team(models.Model):
    """Agents of one reseller who share customers. Its members are those of `group`, as guardian needs it."""

    target_kind = TargetKind.TEAM

    reseller = models.ForeignKey(Reseller, models.CASCADE, related_name="teams")
    name = models.CharField(max_length=100)
    group = models.OneToOneField(Group, models.CASCADE, related_name="team")
    # For every customer of its reseller, also those to come; the rows of guardian are then looked at no more.
    works_for_all = models.BooleanField(default=False, db_default=False)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint("reseller", Lower("name"), name="team_name_is_unique_at_the_reseller")]
        indexes = [models.Index("reseller", name="teams_for_all_customers", condition=Q(works_for_all=True))]

    def __str__(self) -> str:
        return self.name


class CustomerAgent(UserObjectPermissionBase):
    """One agent works for one customer."""

    content_object = models.ForeignKey(Customer, models.CASCADE, db_column="customer_id", related_name="agents")

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()


class CustomerTeam(GroupObjectPermissionBase):
    """One team of agents works for one customer."""

    content_object = models.ForeignKey(Customer, models.CASCADE, db_column="customer_id", related_name="teams")

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()


def works_for_all_sql(user: str) -> str:
    """Return the SQL condition that a person is in a team that works for all customers of its reseller.

    It names no customer: who asks it asks beside a relation to the person's reseller. PostgreSQL answers it once for a
    statement, not for each row.
    """
    return f"""EXISTS (
        SELECT 1 FROM accounts_team t JOIN accounts_user_groups tug ON tug.group_id = t.group_id
        WHERE t.works_for_all AND tug.user_id = {user}
    )"""  # noqa: S608  names of columns, never what a person typed


def works_for_sql(customer: str, user: str) -> str:
    """Return the SQL condition that a customer of a person's reseller was assigned to them or to one of their teams.

    customer, user: columns or placeholders.
    """
    return f"""(
        {works_for_all_sql(user)}
        OR EXISTS (SELECT 1 FROM accounts_customeragent ca WHERE ca.customer_id = {customer} AND ca.user_id = {user})
        OR EXISTS (
            SELECT 1 FROM accounts_customerteam ct
            JOIN accounts_user_groups ug ON ug.group_id = ct.group_id
            WHERE ct.customer_id = {customer} AND ug.user_id = {user}
        )
    )"""  # noqa: S608  names of columns, never what a person typed


def assigned_sql(user: str) -> str:
    """Return the listed customers of works_for_sql as a subquery, for statements that read most of a reseller's rows.

    It is answered once, where the condition would be asked for every row. UNION, and not UNION ALL: only with it does
    the planner know how many customers there are (12 x the floor without, 4 x with). Of a team for all it knows
    nothing: who reads most rows asks first whether there is one, since an OR here would forbid a join.
    """
    return f"""(
        SELECT ca.customer_id FROM accounts_customeragent ca WHERE ca.user_id = {user}
        UNION
        SELECT ct.customer_id FROM accounts_customerteam ct
        JOIN accounts_user_groups ug ON ug.group_id = ct.group_id WHERE ug.user_id = {user}
    )"""  # noqa: S608  names of columns, never what a person typed


def staffed_sql(customer: str, user: str) -> str:
    """Return the SQL condition that the person `user` works for `customer` (P4); both are column names."""
    assigned = f"{holds_sql(user, *ASSIGNED_CUSTOMERS_ROLES)} AND {works_for_sql(customer, user)}"
    return f"({holds_sql(user, *ALL_CUSTOMERS_ROLES)} OR ({assigned}))"


def counted(teams: QuerySet[Team]) -> QuerySet[Team]:
    """Return teams with the numbers of their members and of the customers listed for them."""

    def number(rows: QuerySet[Any]) -> Coalesce:
        return Coalesce(Subquery(rows.order_by().values("group_id").annotate(n=Count("pk")).values("n")), 0)

    of_team = {"group_id": OuterRef("group_id")}
    return teams.annotate(
        members=number(User.groups.through.objects.filter(**of_team)),
        customers=number(CustomerTeam.objects.filter(**of_team)),
    )


def ways_to(agent: User, customer_ids: Collection[int]) -> tuple[set[int], dict[int, list[str]]]:
    """Return why an agent works for these customers: those listed for them, and for each the names of teams."""
    own = CustomerAgent.objects.filter(user=agent, content_object__in=customer_ids)
    direct = set(own.values_list("content_object_id", flat=True))
    for_all = list(Team.objects.filter(group__user=agent, works_for_all=True).values_list("name", flat=True))
    rows = CustomerTeam.objects.filter(
        group__user=agent, content_object__in=customer_ids, group__team__works_for_all=False
    )
    teams: dict[int, list[str]] = {pk: [*for_all] for pk in customer_ids} if for_all else {}
    for customer_id, name in rows.values_list("content_object_id", "group__team__name"):
        teams.setdefault(customer_id, []).append(name)
    return direct, {customer_id: sorted(names) for customer_id, names in teams.items()}


def staff_of(customer: Customer, reseller: Reseller) -> tuple[list[User], list[Team]]:
    """Return the agents for whom a customer was listed, as many as a page names, and the teams that work for it."""
    own = CustomerAgent.objects.filter(content_object=customer).values("user")
    agents = User.objects.filter(reseller=reseller, deleted_at=None, pk__in=own).order_by("sort_name", "pk")
    listed = CustomerTeam.objects.filter(content_object=customer).values("group")
    teams = Team.objects.filter(Q(works_for_all=True) | Q(group__in=listed), reseller=reseller)
    return list(agents[:NAMED_AT_MOST]), list(teams.order_by("name", "pk")[:NAMED_AT_MOST])
