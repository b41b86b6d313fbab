"""When access is in force, and how far: the one predicate, as SQL and as a Django condition (R8, R10, R18, R20).

Always compared by the database's clock, at the moment of the question (R11): no worker, broker or
scheduler is needed for an end to come true.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Activation, User
from accounts.permissions import Permission
from subscriptions.access.levels import levels_that_open
from subscriptions.access.standing import is_on_request, standings_that_open
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


def standing_sql(alias: str) -> str:
    """Return what stands open without an activation at this instant (R20)."""
    return (
        f"CASE WHEN {alias}.narrows_at <= statement_timestamp() AND {alias}.narrow_standing <> ''"
        f" THEN {alias}.narrow_standing ELSE {alias}.effective_standing END"
    )


def activation_sql(alias: str, agent: str) -> str:
    """Return the number of the activation of an agent, a column, that counts now for a grant; NULL: none (R20).

    It counts only in the window of access in which it was made.
    """
    return (
        f"(SELECT coalesce(a.first_id, a.id) FROM accounts_activation a WHERE a.customer_id = {alias}.customer_id"  # noqa: S608  names of columns
        f" AND a.agent_id = {agent} AND a.window_began = {alias}.effective_from"
        " AND a.effective_from <= statement_timestamp() AND a.effective_until > statement_timestamp() LIMIT 1)"
    )


def opened(permission: Permission, agent: User) -> Q:
    """Return the condition that a console in force opens a permission to an agent (R18, R20)."""
    activations = Activation.objects.filter(
        customer=OuterRef("customer"), agent=agent, window_began=OuterRef("effective_from")
    ).filter(effective_from__lte=Now(), effective_until__gt=Now())
    return _level_opens(permission) & (_stands(permission) | Q(Exists(activations)))


def stands_open(permission: Permission, prefix: str = "") -> Q:
    """Return the condition that a console in force opens a permission without an activation; prefix: as above."""
    return _level_opens(permission, prefix) & _stands(permission, prefix)


# Without negations: over a relation to many rows they would ask about another row than the rest does.
def _level_opens(permission: Permission, prefix: str = "") -> Q:
    levels = levels_that_open(permission)
    narrowed, not_yet = Q(**{f"{prefix}narrows_at__lte": Now()}), _not_yet(prefix)
    now, before = Q(**{f"{prefix}narrow_level__in": levels}), Q(**{f"{prefix}effective_level__in": levels})
    return (narrowed & now) | (not_yet & before)


def _stands(permission: Permission, prefix: str = "") -> Q:
    standings = standings_that_open(permission)
    narrowed = Q(**{f"{prefix}narrows_at__lte": Now(), f"{prefix}narrow_standing__in": standings})
    not_yet = _not_yet(prefix) | Q(**{f"{prefix}narrow_standing": ""})
    return narrowed | (not_yet & Q(**{f"{prefix}effective_standing__in": standings}))


def _not_yet(prefix: str) -> Q:
    return Q(**{f"{prefix}narrows_at__isnull": True}) | Q(**{f"{prefix}narrows_at__gt": Now()})


def at_the_latest(requested_at: datetime) -> datetime:
    """Return by when a change requested at that moment is in effect, whatever happens (R7)."""
    return requested_at + timedelta(seconds=settings.ACCESS_PROPAGATION_MAX)


class AccessState(StrEnum):
    """What a reseller, and the customer, are told about the access at this instant."""

    OPEN = "open"
    ON_REQUEST = "on_request"
    CLOSING = "closing"
    OPENING = "opening"
    CLOSED = "closed"

    @property
    def label(self) -> Promise:
        """The word for it on a page."""
        return _LABELS[self]


_LABELS: dict[AccessState, Promise] = {
    AccessState.OPEN: _("Open"),
    AccessState.ON_REQUEST: _("On request"),
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


# Those in which access is in force.
IN_FORCE = (AccessState.OPEN, AccessState.ON_REQUEST, AccessState.CLOSING)


def state(now: datetime, window: Window, standing: str, opens_at: datetime | None) -> AccessState:
    """Name the state of a window.

    now: the database's clock, read with the window. standing: what stands open now without an activation.
    opens_at: when a waiting change is due that gives access; None where none waits.
    """
    if window.began_at is not None and window.began_at <= now and (window.until is None or window.until > now):
        if window.is_closing:
            return AccessState.CLOSING
        return AccessState.ON_REQUEST if is_on_request(standing) else AccessState.OPEN
    return AccessState.CLOSED if opens_at is None else AccessState.OPENING
