"""Staffing ends with what it stands on: with the relation between a customer and a reseller (P4, R13)."""

from __future__ import annotations

from django.db import transaction

from accounts.audit import EventName, event, record_many
from accounts.models import Customer, CustomerAgent, CustomerTeam, Reseller


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
    old = {"customer": customer.primary_domain}
    record_many(
        event(EventName.UNASSIGN_CUSTOMER, actor=actor, customer=None, seen_by=reseller, subject=who, old=old)
        for who in ended
    )
    return len(ended)
