"""How one relation stands at this instant, in the terms its reseller is told (R5, R8).

What the customer is told about its own decisions is in overview.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from accounts.clock import database_now
from subscriptions.access.effective import AccessState, state
from subscriptions.models import AccessChange, AccessGrant


@dataclass(frozen=True, slots=True)
class RelationAccess:
    """Whether the console is open to the reseller now, and what is on its way; not the customer's setting.

    since: since when access is in force; None where it is not.
    ended_at: when the last access ended, where it is closed and was open before.
    closes_at, opens_at: when an end comes true by itself, and by about when a worker gives access.
    """

    state: AccessState
    since: datetime | None
    ended_at: datetime | None
    closes_at: datetime | None
    opens_at: datetime | None

    @property
    def is_in_force(self) -> bool:
        return self.state in (AccessState.OPEN, AccessState.CLOSING)


def access_of(relation: AccessGrant) -> RelationAccess:
    """Tell a reseller how its access to a customer stands; `relation` comes from scope.access_relation().

    The window is read together with what waits: a worker that gives access in between would leave neither.
    """
    waiting = AccessChange.objects.filter(grant=OuterRef("pk"), settled_at__isnull=True, allowed=True)
    row = AccessGrant.objects.filter(pk=relation.pk).annotate(opens_at=Subquery(waiting.values("due_at")[:1]))
    began, ends, opens_at = row.values_list("effective_from", "effective_until", "opens_at").get()
    access = state(database_now(), began, ends, opens_at)
    in_force = access in (AccessState.OPEN, AccessState.CLOSING)
    return RelationAccess(
        access,
        since=began if in_force else None,
        ended_at=ends if began is not None and not in_force else None,
        closes_at=ends if access is AccessState.CLOSING else None,
        opens_at=opens_at,
    )
