"""When access is in force, and with which level: the one predicate, as SQL and as a Django condition (R8, R10, R18).

Always compared by the database's clock, at the moment of the question (R11): no worker, broker or
scheduler is needed for an end to come true.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from subscriptions.access.levels import levels_that_open
from subscriptions.models import AccessGrant


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


def closing_sql(alias: str) -> str:
    """Return the condition that a revocation ends the window of a grant; an end of its own is none (R16)."""
    return f"({alias}.effective_until IS DISTINCT FROM {alias}.effective_ends_at)"


def level_sql(alias: str) -> str:
    """Return the level in effect: a narrowing comes true by the clock (R18)."""
    return (
        f"CASE WHEN {alias}.narrows_at <= statement_timestamp() THEN {alias}.narrow_level"
        f" ELSE {alias}.effective_level END"
    )


def opened(permission: Permission) -> Q:
    """Return the condition that the level of a console in force opens a permission (R18)."""
    levels = levels_that_open(permission)
    narrowed = Q(narrows_at__lte=Now())
    return Q(narrowed, narrow_level__in=levels) | Q(~Q(narrowed, narrows_at__isnull=False), effective_level__in=levels)


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


@dataclass(frozen=True, slots=True)
class Window:
    """When a grant is open: from, until, and the end of its own that is in effect (R16)."""

    began_at: datetime | None
    until: datetime | None
    ends_at: datetime | None

    @property
    def is_closing(self) -> bool:
        """Whether a revocation ends it."""
        return self.until is not None and self.until != self.ends_at


def window_of(grant: AccessGrant) -> Window:
    """Return the window of a grant, whatever the clock says."""
    return Window(grant.effective_from, grant.effective_until, grant.effective_ends_at)


def state(now: datetime, window: Window, opens_at: datetime | None) -> AccessState:
    """Name the state of a window.

    now: the database's clock, read with the window.
    opens_at: when a waiting change is due that gives access; None where none waits.
    """
    if window.began_at is not None and window.began_at <= now and (window.until is None or window.until > now):
        return AccessState.CLOSING if window.is_closing else AccessState.OPEN
    return AccessState.CLOSED if opens_at is None else AccessState.OPENING
