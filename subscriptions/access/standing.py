"""How one relation stands at this instant, in the terms a page tells a reseller and its customer (R5, R8, R15)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import F

from accounts.models import Customer
from subscriptions.access.effective import AccessState, database_now, state
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import Outcome


@dataclass(frozen=True, slots=True)
class Standing:
    """The access that one grant gives now, and what is on its way.

    since: since when access is in force; None where it is not.
    ended_at: when the last access ended, where it is closed and was open before.
    closes_at, opens_at: when an end comes true by itself, and by about when a worker gives access.
    """

    grant: AccessGrant
    state: AccessState
    since: datetime | None
    ended_at: datetime | None
    closes_at: datetime | None
    opens_at: datetime | None
    # Why the newest change could not be applied, for the customer; empty where nothing failed (R9).
    failure: str = ""

    @property
    def is_in_force(self) -> bool:
        return self.state in (AccessState.OPEN, AccessState.CLOSING)


@dataclass(frozen=True, slots=True)
class ResellerStanding:
    """One reseller of a customer: its console access, and the subscriptions bought from the vendor opened to it (R3)."""

    console: Standing
    subscriptions: list[Standing] = field(default_factory=list)


def standing_of(relation: AccessGrant) -> Standing:
    """Tell a reseller how its access to a customer stands; `relation` comes from scope.access_relation()."""
    [found] = _standings([relation])
    return found


def resellers_of(customer: Customer) -> list[ResellerStanding]:
    """Tell a customer how the access of each of its resellers stands, in the order of their names."""
    grants = AccessGrant.objects.filter(customer=customer).select_related("reseller", "subscription__sku")
    live = list(grants.filter(subscription=None, ended_at=None).order_by("reseller__sort_name", "id"))
    rest = grants.filter(subscription__isnull=False, reseller__in=[g.reseller_id for g in live]).order_by("id")
    found = {console.grant.reseller_id: ResellerStanding(console) for console in _standings(live)}
    for standing in _standings(rest):
        if standing.state is not AccessState.CLOSED:
            found[standing.grant.reseller_id].subscriptions.append(standing)
    return list(found.values())


def _standings(grants: Iterable[AccessGrant]) -> list[Standing]:
    grants = list(grants)
    newest = AccessChange.objects.filter(grant__in=grants, generation=F("grant__generation"))
    changes = {change.grant_id: change for change in newest}
    now = database_now()
    return [_standing(grant, changes.get(grant.pk), now) for grant in grants]


def _standing(grant: AccessGrant, newest: AccessChange | None, now: datetime) -> Standing:
    opens_at = newest.due_at if newest and newest.allowed and newest.settled_at is None else None
    access = state(now, grant.effective_from, grant.effective_until, opens_at)
    in_force = access in (AccessState.OPEN, AccessState.CLOSING)
    began = grant.effective_from is not None
    return Standing(
        grant,
        access,
        since=grant.effective_from if in_force else None,
        ended_at=grant.effective_until if began and not in_force else None,
        closes_at=grant.effective_until if access is AccessState.CLOSING else None,
        opens_at=opens_at,
        failure=newest.get_failure_reason_display() if newest and newest.outcome == Outcome.FAILED else "",
    )
