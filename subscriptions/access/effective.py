"""When access is in force: the one predicate, as SQL and as a Django condition (R8, R10).

Always compared by the database's clock, at the moment of the question (R11): no worker, broker or
scheduler is needed for an end to come true.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


def in_force(prefix: str = "") -> Q:
    """Return the condition "access is in force now" for a grant reached over `prefix` (`"access_grants__"`)."""
    began = Q(**{f"{prefix}effective_from__lte": Now()})
    not_ended = Q(**{f"{prefix}effective_until__isnull": True}) | Q(**{f"{prefix}effective_until__gt": Now()})
    return began & not_ended


def in_force_sql(alias: str) -> str:
    """Return the same condition for a grant called `alias` in hand-written SQL."""
    return (
        f"({alias}.effective_from <= statement_timestamp()"
        f" AND ({alias}.effective_until IS NULL OR {alias}.effective_until > statement_timestamp()))"
    )


def at_the_latest(requested_at: datetime) -> datetime:
    """Return by when a change requested at that moment is in effect, whatever happens (R7)."""
    return requested_at + timedelta(seconds=settings.ACCESS_PROPAGATION_MAX)


class AccessState(StrEnum):
    """What a reseller, and the customer, are told about the access at this instant."""

    OPEN = "open"
    CLOSING = "closing"
    OPENING = "opening"
    CLOSED = "closed"

    @property
    def label(self) -> Promise:
        """The word for it on a page."""
        return _LABELS[self]


_LABELS: dict[AccessState, Promise] = {
    AccessState.OPEN: _("Open"),
    AccessState.CLOSING: _("Closing"),
    AccessState.OPENING: _("Opening"),
    AccessState.CLOSED: _("Closed"),
}


def state(
    now: datetime, effective_from: datetime | None, effective_until: datetime | None, opens_at: datetime | None
) -> AccessState:
    """Name the state of a window.

    now: the database's clock, read with the window.
    opens_at: when a waiting change is due that gives access; None where none waits.
    """
    if effective_from is not None and effective_from <= now and (effective_until is None or effective_until > now):
        return AccessState.OPEN if effective_until is None else AccessState.CLOSING
    return AccessState.CLOSED if opens_at is None else AccessState.OPENING
