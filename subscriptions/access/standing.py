"""How one relation stands at this instant, in the terms its reseller is told (R5, R8).

What the customer is told about its own decisions is in overview.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from subscriptions.access.effective import AccessState, database_now, state
from subscriptions.models import AccessGrant


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
    """Tell a reseller how its access to a customer stands; `relation` comes from scope.access_relation()."""
    waiting = relation.changes.filter(settled_at__isnull=True, allowed=True)
    opens_at = waiting.values_list("due_at", flat=True).first()
    access = state(database_now(), relation.effective_from, relation.effective_until, opens_at)
    in_force = access in (AccessState.OPEN, AccessState.CLOSING)
    has_begun = relation.effective_from is not None
    return RelationAccess(
        access,
        since=relation.effective_from if in_force else None,
        ended_at=relation.effective_until if has_begun and not in_force else None,
        closes_at=relation.effective_until if access is AccessState.CLOSING else None,
        opens_at=opens_at,
    )
