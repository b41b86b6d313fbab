"""Staffing ends with what it stands on: a relation between customer and reseller, or a person (P4, P11, R13)."""

from __future__ import annotations

from django.db import transaction

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.console_sessions.activations import end_of_who_left
from accounts.models import Customer, CustomerAgent, CustomerTeam, Reseller, User


@transaction.atomic
def end_staffing(*, actor: None, customer: Customer, reseller: Reseller) -> int:
    """End what a reseller's agents and teams were assigned at a customer; return how many that were.

    A filter by the relation would hide it only: they would all be back, unasked and unseen, with the next sale. The
    reseller's log says of each that it ended. In the system's name: who ended the relation may be a stranger there.
    """
    agents = CustomerAgent.objects.filter(content_object=customer, user__reseller=reseller).order_by("pk")
    teams = CustomerTeam.objects.filter(content_object=customer, group__team__reseller=reseller).order_by("pk")
    ended = [*agents.values_list("user__email", flat=True), *teams.values_list("group__team__name", flat=True)]
    agents.delete()
    teams.delete()
    end_of_who_left(reseller_id=reseller.pk)
    old = {"customer": customer.primary_domain}
    record_many(
        event(EventName.UNASSIGN_CUSTOMER, actor=actor, customer=None, seen_by=reseller, subject=who, old=old)
        for who in ended
    )
    return len(ended)


@transaction.atomic
def end_staffing_of(*, actor: Actor | None, agent: User) -> int:
    """End what one of a reseller's people works for, by themselves and in teams; return how many ends that were.

    Part of the verb that removes the person, who is locked. They would have it all back otherwise, unasked and unseen,
    when they are restored.
    """
    customers = CustomerAgent.objects.filter(user=agent).order_by("content_object__primary_domain")
    ended = [
        event(
            EventName.UNASSIGN_CUSTOMER,
            actor=actor,
            customer=None,
            subject=agent.email,
            target=agent,
            old={"customer": domain},
        )
        for domain in customers.values_list("content_object__primary_domain", flat=True)
    ]
    teams = agent.groups.filter(team__isnull=False).order_by("team__name")
    ended += [
        event(EventName.REMOVE_TEAM_MEMBER, actor=actor, customer=None, subject=name, old={"agent": agent.email})
        for name in teams.values_list("team__name", flat=True)
    ]
    CustomerAgent.objects.filter(user=agent).delete()
    agent.groups.clear()
    end_of_who_left(agents=[agent.pk])
    record_many(ended)
    return len(ended)
