"""Which agents and teams of a reseller work for which customers (P4): the only module that knows django-guardian.

Guardian's rows are the truth: CustomerAgent for a person, CustomerTeam for the group behind a team.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as StoredPermission
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _
from guardian.shortcuts import get_objects_for_group, get_objects_for_user

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_many
from accounts.authorisation import authorise_reseller
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.models import Customer, CustomerAgent, CustomerTeam, Reseller, Team, User
from accounts.names import name_key
from accounts.organisations import clean_name, refuse_duplicate
from accounts.roles import Role

WORK_FOR_CUSTOMER = "accounts.work_for_customer"
TEAM_NAME_MAX_LENGTH = 100
_NAME_IS_TAKEN = _("Another team has this name.")


def customers_of(user: User) -> QuerySet[Customer]:
    """Return the customers that were assigned to this person or to one of their teams."""
    return get_objects_for_user(user, WORK_FOR_CUSTOMER, Customer, with_superuser=False, accept_global_perms=False)


def customers_of_agent_itself(agent: User) -> QuerySet[Customer]:
    """Return the customers that were assigned to this person, without those of their teams."""
    return get_objects_for_user(
        agent, WORK_FOR_CUSTOMER, Customer, use_groups=False, with_superuser=False, accept_global_perms=False
    )


def customers_of_team(team: Team) -> QuerySet[Customer]:
    """Return the customers that were assigned to a team."""
    return get_objects_for_group(team.group, WORK_FOR_CUSTOMER, Customer, accept_global_perms=False)


def works_for_sql(customer: str, user: str) -> str:
    """Return the same as an SQL condition for hot paths; `customer` and `user` are columns or placeholders."""
    return f"""(
        EXISTS (SELECT 1 FROM accounts_customeragent ca WHERE ca.customer_id = {customer} AND ca.user_id = {user})
        OR EXISTS (
            SELECT 1 FROM accounts_customerteam ct
            JOIN accounts_user_groups ug ON ug.group_id = ct.group_id
            WHERE ct.customer_id = {customer} AND ug.user_id = {user}
        )
    )"""  # noqa: S608  names of columns, never what a person typed


def assigned_sql(user: str) -> str:
    """Return the customers of works_for_sql as a subquery, for statements that read most of a reseller's rows.

    It is answered once, where the condition would be asked for every row. UNION, and not UNION ALL: only with it does
    the planner know how many customers there are (12 x the floor without, 4 x with).
    """
    return f"""(
        SELECT ca.customer_id FROM accounts_customeragent ca WHERE ca.user_id = {user}
        UNION
        SELECT ct.customer_id FROM accounts_customerteam ct
        JOIN accounts_user_groups ug ON ug.group_id = ct.group_id WHERE ug.user_id = {user}
    )"""  # noqa: S608  names of columns, never what a person typed


def members_of(team: Team) -> QuerySet[User]:
    """Return the agents in a team, also suspended ones."""
    return User.objects.filter(groups=team.group_id)


def teams_of(agent: User) -> QuerySet[Team]:
    """Return the teams an agent is in."""
    return Team.objects.filter(group__user=agent)


def counted(teams: QuerySet[Team]) -> QuerySet[Team]:
    """Return teams with the numbers of their members and of the customers assigned to them."""

    def number(rows: QuerySet[Any]) -> Coalesce:
        return Coalesce(Subquery(rows.order_by().values("group_id").annotate(n=Count("pk")).values("n")), 0)

    of_team = {"group_id": OuterRef("group_id")}
    return teams.annotate(
        members=number(User.groups.through.objects.filter(**of_team)),
        customers=number(CustomerTeam.objects.filter(**of_team)),
    )


def ways_to(agent: User, customer_ids: Collection[int]) -> tuple[set[int], dict[int, list[str]]]:
    """Return why an agent works for these customers: those assigned to them, and for each the names of teams."""
    own = CustomerAgent.objects.filter(user=agent, content_object__in=customer_ids)
    direct = set(own.values_list("content_object_id", flat=True))
    rows = CustomerTeam.objects.filter(group__user=agent, content_object__in=customer_ids, group__team__isnull=False)
    teams: dict[int, list[str]] = {}
    for customer_id, name in rows.order_by("group__team__name").values_list("content_object_id", "group__team__name"):
        teams.setdefault(customer_id, []).append(name)
    return direct, teams


@transaction.atomic
def create_team(*, actor: Actor | None, reseller: Reseller, name: str) -> Team:
    """Create a team without members. Raises Refused for a name that another team of the reseller has."""
    _authorise(actor, reseller.pk)
    name = clean_name(name, max_length=TEAM_NAME_MAX_LENGTH)
    _refuse_same_name(reseller.pk, name)
    with refuse_duplicate(_NAME_IS_TAKEN, "name"):
        group = Group.objects.create(name=f"team {uuid4()}")
        team = Team.objects.create(reseller=reseller, name=name, group=group)
    record_audit(EventName.CREATE_TEAM, actor=actor, customer=None, subject=name, new={"name": name})
    return team


@transaction.atomic
def rename_team(*, actor: Actor | None, team: Team, name: str) -> Team:
    """Give a team another name. Raises Refused for a name that another team of the reseller has."""
    team = _locked_team(actor, team)
    name, old_name = clean_name(name, max_length=TEAM_NAME_MAX_LENGTH), team.name
    if name == old_name:
        return team
    _refuse_same_name(team.reseller_id, name, without=team.pk)
    team.name = name
    with refuse_duplicate(_NAME_IS_TAKEN, "name"):
        team.save(update_fields=["name"])
    record_audit(
        EventName.RENAME_TEAM, actor=actor, customer=None, subject=name, old={"name": old_name}, new={"name": name}
    )
    return team


@taking_away()
def delete_team(*, actor: Actor | None, team: Team) -> None:
    """Delete a team; its members lose the customers they had through it with the next request (P8).

    Deleting it a second time changes nothing.
    """
    _authorise(actor, team.reseller_id)
    found = Team.objects.select_for_update().filter(pk=team.pk).first()
    if found is None:
        return
    old = {
        "name": found.name,
        "members": list(members_of(found).order_by("email").values_list("email", flat=True)),
        "customers": list(customers_of_team(found).order_by("primary_domain").values_list("primary_domain", flat=True)),
    }
    # The team, its memberships and its customers go with the group.
    Group.objects.filter(pk=found.group_id).delete()
    record_audit(EventName.DELETE_TEAM, actor=actor, customer=None, subject=found.name, old=old)


@transaction.atomic
def add_member(*, actor: Actor | None, team: Team, agent: User) -> None:
    """Put an agent into a team of their reseller; they then work for the team's customers too."""
    team = _locked_team(actor, team)
    _require_same_reseller(team.reseller_id, agent)
    if members_of(team).filter(pk=agent.pk).exists():
        return
    agent.groups.add(team.group_id)
    record_audit(EventName.ADD_TEAM_MEMBER, actor=actor, customer=None, subject=team.name, new={"agent": agent.email})


@taking_away()
def remove_member(*, actor: Actor | None, team: Team, agent: User) -> None:
    """Take an agent out of a team; they lose the team's customers with the next request (P8)."""
    team = _locked_team(actor, team)
    if not members_of(team).filter(pk=agent.pk).exists():
        return
    agent.groups.remove(team.group_id)
    record_audit(
        EventName.REMOVE_TEAM_MEMBER, actor=actor, customer=None, subject=team.name, old={"agent": agent.email}
    )


@transaction.atomic
def assign_customers_to_agent(*, actor: Actor | None, agent: User, customers: Collection[Customer]) -> int:
    """Let an agent work for customers of their reseller (P4); return how many were new.

    customers: those the caller found in the scope of the actor (subscriptions.access.scope); this app cannot
    ask which customers a reseller has.
    """
    agent = _locked_agent(actor, agent)
    new = _without(customers, customers_of_agent_itself(agent))
    right = _right()
    CustomerAgent.objects.bulk_create(CustomerAgent(user=agent, content_object=c, permission=right) for c in new)
    _record_customers(EventName.ASSIGN_CUSTOMER, actor, agent.email, new)
    return len(new)


@taking_away()
def unassign_customers_from_agent(*, actor: Actor | None, agent: User, customers: Collection[Customer]) -> int:
    """End an agent's own work for customers; return how many they had. What their teams have stays."""
    agent = _locked_agent(actor, agent)
    rows = CustomerAgent.objects.filter(user=agent, content_object__in=customers)
    held = _held(customers, rows.values_list("content_object_id", flat=True))
    rows.delete()
    _record_customers(EventName.UNASSIGN_CUSTOMER, actor, agent.email, held)
    return len(held)


@transaction.atomic
def assign_customers_to_team(*, actor: Actor | None, team: Team, customers: Collection[Customer]) -> int:
    """Let a team work for customers of its reseller (P4); return how many were new.

    customers: as for assign_customers_to_agent.
    """
    team = _locked_team(actor, team)
    new = _without(customers, customers_of_team(team))
    right = _right()
    CustomerTeam.objects.bulk_create(
        CustomerTeam(group_id=team.group_id, content_object=c, permission=right) for c in new
    )
    _record_customers(EventName.ASSIGN_CUSTOMER, actor, team.name, new)
    return len(new)


@taking_away()
def unassign_customers_from_team(*, actor: Actor | None, team: Team, customers: Collection[Customer]) -> int:
    """End a team's work for customers; return how many it had. What its members have themselves stays."""
    team = _locked_team(actor, team)
    rows = CustomerTeam.objects.filter(group=team.group_id, content_object__in=customers)
    held = _held(customers, rows.values_list("content_object_id", flat=True))
    rows.delete()
    _record_customers(EventName.UNASSIGN_CUSTOMER, actor, team.name, held)
    return len(held)


def _authorise(actor: Actor | None, reseller_id: int | None) -> None:
    """Let through the system and the admins of this reseller, as the database knows them now (P8, R11)."""
    if actor is not None:
        authorise_reseller(actor, (Role.RESELLER_ADMIN,), reseller_id or 0)  # 0: a person of no reseller


def _refuse_same_name(reseller_id: int, name: str, *, without: int | None = None) -> None:
    """Refuse the name of another team of the reseller, compared as names are (P10); a constraint sees the rest."""
    others = Team.objects.filter(reseller=reseller_id).exclude(pk=without or 0).values_list("name", flat=True)
    if name_key(name) in map(name_key, others):
        raise Refused(_NAME_IS_TAKEN, "name")


def _locked_team(actor: Actor | None, team: Team) -> Team:
    _authorise(actor, team.reseller_id)
    found = Team.objects.select_for_update(no_key=True).filter(pk=team.pk).first()
    if found is None:
        raise Refused(_("This team does not exist any more."))
    return found


def _locked_agent(actor: Actor | None, agent: User) -> User:
    agent = User.objects.select_for_update(no_key=True).get(pk=agent.pk)
    _authorise(actor, agent.reseller_id)
    if agent.reseller_id is None:
        raise Refused(_("Only agents of a reseller work for customers."), "agent")
    return agent


def _require_same_reseller(reseller_id: int, agent: User) -> None:
    if agent.reseller_id != reseller_id:
        raise Refused(_("This person does not belong to the reseller of the team."), "agent")


def _right() -> StoredPermission:
    app, codename = WORK_FOR_CUSTOMER.split(".")
    return StoredPermission.objects.get(content_type__app_label=app, codename=codename)


def _without(customers: Collection[Customer], held: QuerySet[Customer]) -> list[Customer]:
    ids = set(held.filter(pk__in=[c.pk for c in customers]).values_list("pk", flat=True))
    return [c for c in {c.pk: c for c in customers}.values() if c.pk not in ids]


def _held(
    customers: Collection[Customer], ids: QuerySet[CustomerAgent, int] | QuerySet[CustomerTeam, int]
) -> list[Customer]:
    held = set(ids)
    return [c for c in {c.pk: c for c in customers}.values() if c.pk in held]


def _record_customers(name: EventName, actor: Actor | None, who: str, customers: list[Customer]) -> None:
    """Write one event per customer: at the reseller, since a customer's console is not touched."""
    is_new = name == EventName.ASSIGN_CUSTOMER
    values = [{"customer": customer.primary_domain} for customer in customers]
    record_many(
        [
            event(name, actor=actor, customer=None, subject=who, old=None if is_new else v, new=v if is_new else None)
            for v in values
        ]
    )
