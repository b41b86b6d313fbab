"""Which agents and teams of a reseller work for which customers (P4): the only module that knows django-guardian.

Guardian's rows are the truth: CustomerAgent for a person, CustomerTeam for the group behind a team. A team can also
work for all customers of its reseller (Team.works_for_all); the condition for both is accounts/models/staffing.py.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import uuid4

from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as StoredPermission
from django.db import transaction
from django.db.models import Exists, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from guardian.shortcuts import get_objects_for_group, get_objects_for_user

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_many
from accounts.authorisation import authorise_reseller
from accounts.console_sessions.activations import end_of_who_left
from accounts.errors import Duplicate, Refused
from accounts.locking import taking_away
from accounts.models import Customer, CustomerAgent, CustomerTeam, Reseller, Team, User
from accounts.names import name_key
from accounts.organisations import clean_name, refuse_duplicate
from accounts.roles import Role

WORK_FOR_CUSTOMER = "accounts.work_for_customer"
TEAM_NAME_MAX_LENGTH = 100
_NAME_IS_TAKEN = _("Another team has this name.")


def works_for(agent: User) -> Q:
    """Return the condition on rows with a `customer` of the agent's reseller that this agent works for it (P4).

    The rows are those of relations to that reseller: for a team that works for all, every one of them counts.
    """
    return Q(Exists(teams_of(agent).filter(works_for_all=True))) | Q(customer__in=customers_of(agent))


def works_for_all(agent: User) -> bool:
    """Tell whether an agent is in a team that works for all customers of their reseller."""
    return teams_of(agent).filter(works_for_all=True).exists()


def customers_of(user: User) -> QuerySet[Customer]:
    """Return the customers that were listed for this person or for one of their teams."""
    return get_objects_for_user(user, WORK_FOR_CUSTOMER, Customer, with_superuser=False, accept_global_perms=False)


def staff_seen_by(person: User) -> QuerySet[User]:
    """Return the people of a reseller, for its admins; the default is nobody (P4, R13)."""
    if not person.is_active or Role.RESELLER_ADMIN not in person.roles:
        return User.objects.none()
    return User.objects.filter(reseller=person.reseller_id, reseller__suspended_at=None)


def customers_of_agent_itself(agent: User) -> QuerySet[Customer]:
    """Return the customers that were assigned to this person, without those of their teams."""
    return get_objects_for_user(
        agent, WORK_FOR_CUSTOMER, Customer, use_groups=False, with_superuser=False, accept_global_perms=False
    )


def customers_of_team(team: Team) -> QuerySet[Customer]:
    """Return the customers that were listed for a team."""
    return get_objects_for_group(team.group, WORK_FOR_CUSTOMER, Customer, accept_global_perms=False)


def members_of(team: Team) -> QuerySet[User]:
    """Return the agents in a team, also suspended ones."""
    return User.objects.filter(groups=team.group_id)


def teams_of(agent: User) -> QuerySet[Team]:
    """Return the teams an agent is in."""
    return Team.objects.filter(group__user=agent)


@transaction.atomic
def create_team(*, actor: Actor | None, reseller: Reseller, name: str) -> Team:
    """Create a team without members. Raises Refused for a name that another team of the reseller has."""
    _authorise(actor, reseller.pk)
    name = clean_name(name, max_length=TEAM_NAME_MAX_LENGTH)
    _refuse_same_name(reseller.pk, name)
    with refuse_duplicate(_NAME_IS_TAKEN, "name"):
        group = Group.objects.create(name=f"team {uuid4()}")
        team = Team.objects.create(reseller=reseller, name=name, group=group)
    record_audit(EventName.CREATE_TEAM, actor=actor, customer=None, subject=name, target=team, new={"name": name})
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
        EventName.RENAME_TEAM,
        actor=actor,
        customer=None,
        subject=name,
        target=team,
        old={"name": old_name},
        new={"name": name},
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
    old: dict[str, object] = {
        "name": found.name,
        "members": list(members_of(found).order_by("email").values_list("email", flat=True)),
        "customers": list(customers_of_team(found).order_by("primary_domain").values_list("primary_domain", flat=True)),
    }
    old |= {"works_for_all": True} if found.works_for_all else {}
    members = [*members_of(found).values_list("pk", flat=True)]
    # The team, its memberships and its customers go with the group.
    Group.objects.filter(pk=found.group_id).delete()
    end_of_who_left(agents=members)
    record_audit(EventName.DELETE_TEAM, actor=actor, customer=None, subject=found.name, target=team, old=old)


@transaction.atomic
def assign_all_customers(*, actor: Actor | None, team: Team) -> None:
    """Let a team work for every customer of its reseller, also those to come; what is listed for it stays listed."""
    _set_works_for_all(actor, team, works_for_all=True)


@taking_away()
def unassign_all_customers(*, actor: Actor | None, team: Team) -> None:
    """Let a team work for its listed customers only; its members lose the others with the next request (P8)."""
    team = _set_works_for_all(actor, team, works_for_all=False)
    end_of_who_left(agents=[*members_of(team).values_list("pk", flat=True)])


def _set_works_for_all(actor: Actor | None, team: Team, *, works_for_all: bool) -> Team:
    team = _locked_team(actor, team)
    if team.works_for_all != works_for_all:
        team.works_for_all = works_for_all
        team.save(update_fields=["works_for_all"])
        name = EventName.ASSIGN_ALL_CUSTOMERS if works_for_all else EventName.UNASSIGN_ALL_CUSTOMERS
        record_audit(name, actor=actor, customer=None, subject=team.name, target=team)
    return team


@transaction.atomic
def add_member(*, actor: Actor | None, team: Team, agent: User) -> None:
    """Put an agent into a team of their reseller; they then work for the team's customers too."""
    team = _locked_team(actor, team)
    _require_same_reseller(team.reseller_id, agent)
    agent = _locked_agent(actor, agent)
    if members_of(team).filter(pk=agent.pk).exists():
        return
    agent.groups.add(team.group_id)
    record_audit(
        EventName.ADD_TEAM_MEMBER,
        actor=actor,
        customer=None,
        subject=team.name,
        target=team,
        new={"agent": agent.email},
    )


@taking_away()
def remove_member(*, actor: Actor | None, team: Team, agent: User) -> None:
    """Take an agent out of a team; they lose the team's customers with the next request (P8)."""
    team = _locked_team(actor, team)
    if not members_of(team).filter(pk=agent.pk).exists():
        return
    agent.groups.remove(team.group_id)
    end_of_who_left(agents=[agent.pk])
    record_audit(
        EventName.REMOVE_TEAM_MEMBER,
        actor=actor,
        customer=None,
        subject=team.name,
        target=team,
        old={"agent": agent.email},
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
    _record_customers(EventName.ASSIGN_CUSTOMER, actor, agent, new)
    return len(new)


@taking_away()
def unassign_customers_from_agent(*, actor: Actor | None, agent: User, customers: Collection[Customer]) -> int:
    """End an agent's own work for customers; return how many they had. What their teams have stays."""
    agent = _locked_agent(actor, agent)
    rows = CustomerAgent.objects.filter(user=agent, content_object__in=customers)
    held = _held(customers, rows.values_list("content_object_id", flat=True))
    rows.delete()
    end_of_who_left(agents=[agent.pk])
    _record_customers(EventName.UNASSIGN_CUSTOMER, actor, agent, held)
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
    _record_customers(EventName.ASSIGN_CUSTOMER, actor, team, new)
    return len(new)


@taking_away()
def unassign_customers_from_team(*, actor: Actor | None, team: Team, customers: Collection[Customer]) -> int:
    """End a team's work for customers; return how many it had. What its members have themselves stays."""
    team = _locked_team(actor, team)
    rows = CustomerTeam.objects.filter(group=team.group_id, content_object__in=customers)
    held = _held(customers, rows.values_list("content_object_id", flat=True))
    rows.delete()
    end_of_who_left(agents=[*members_of(team).values_list("pk", flat=True)])
    _record_customers(EventName.UNASSIGN_CUSTOMER, actor, team, held)
    return len(held)


def _authorise(actor: Actor | None, reseller_id: int | None) -> None:
    """Let through the system and the admins of this reseller, as the database knows them now (P8, R11)."""
    if actor is not None:
        authorise_reseller(actor, (Role.RESELLER_ADMIN,), reseller_id or 0)  # 0: a person of no reseller


def _refuse_same_name(reseller_id: int, name: str, *, without: int | None = None) -> None:
    """Refuse the name of another team of the reseller, compared as names are (P10); a constraint sees the rest."""
    others = Team.objects.filter(reseller=reseller_id).exclude(pk=without or 0).values_list("name", flat=True)
    if name_key(name) in map(name_key, others):
        raise Duplicate(_NAME_IS_TAKEN, "name")


def _locked_team(actor: Actor | None, team: Team) -> Team:
    _authorise(actor, team.reseller_id)
    found = Team.objects.select_for_update(no_key=True).filter(pk=team.pk).first()
    if found is None:
        raise Refused(_("This team does not exist any more."), reason="notFound")
    return found


def _locked_agent(actor: Actor | None, agent: User) -> User:
    agent = User.objects.select_for_update(no_key=True).get(pk=agent.pk)
    _authorise(actor, agent.reseller_id)
    if agent.reseller_id is None:
        raise Refused(_("Only agents of a reseller work for customers."), "agent")
    if agent.deleted_at is not None:
        raise Refused(_("This person is deleted. Restore them first."), "agent", reason="conditionNotMet")
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


def _record_customers(name: EventName, actor: Actor | None, who: User | Team, customers: list[Customer]) -> None:
    """Write one event per customer: at the reseller, since a customer's console is not touched."""
    is_new = name == EventName.ASSIGN_CUSTOMER
    subject = who.email if isinstance(who, User) else who.name
    named = [{"customer": customer.primary_domain} for customer in customers]
    values = [(None, one) if is_new else (one, None) for one in named]
    record_many(
        [event(name, actor=actor, customer=None, subject=subject, target=who, old=old, new=new) for old, new in values]
    )
