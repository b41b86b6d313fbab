"""One box of the page *Reseller access*: desired, in effect, and what is said about it (R1, R3, R7, R9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.models import Reseller
from accounts.names import isolated
from accounts.wording import labelled
from subscriptions.access.comparison import Key, box_id
from subscriptions.access.effective import IN_FORCE, AccessState, at_the_latest, state, window_of
from subscriptions.access.extent import EVERYTHING, Extent, desired_of, level_at, standing_at
from subscriptions.access.levels import level_label
from subscriptions.access.standing import is_on_request
from subscriptions.access.words import consequence
from subscriptions.models import AccessChange, AccessGrant, Subscription
from subscriptions.models.change import FailureReason, Outcome
from subscriptions.models.grant import Basis
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing


class BoxStatus(StrEnum):
    """What a box is told about: one sentence of the page each."""

    NEVER = "never"
    OPEN = "open"
    OPENING = "opening"
    OPENING_LATE = "opening_late"
    CLOSING = "closing"
    REOPENING = "reopening"
    CLOSED = "closed"
    FAILED = "failed"
    SUSPENDED = "suspended"


@dataclass
class Box:
    """One box of the page: what is desired, its newest change, and the window of access at one instant.

    ticked, error, overtaken: how the box comes back in a form that was refused or in conflict (R6).
    narrow: the fields beside the box, for its level and end.
    """

    reseller: Reseller
    subscription: Subscription | None
    grant: AccessGrant | None
    newest: AccessChange | None
    now: datetime
    ticked: bool = False
    error: Promise | str = ""
    overtaken: bool = False
    narrow: Any = None

    @property
    def key(self) -> Key:
        return (self.reseller.pk, self.subscription.pk if self.subscription else None)

    @property
    def id(self) -> str:
        """The name of the box in forms and addresses of elements."""
        return box_id(self.key)

    @property
    def allowed(self) -> bool:
        return self.grant is not None and self.grant.allowed

    @property
    def extent(self) -> Extent:
        """How far it is to be open where it is allowed (R16, R18)."""
        return desired_of(self.grant) if self.grant else EVERYTHING

    @property
    def level_now(self) -> str:
        """The level in effect, in words; empty where that is everything, or nothing is open."""
        is_open = self.access in IN_FORCE
        level = level_at(self.grant, self.now) if self.grant and is_open else Level.FULL
        return "" if level == Level.FULL else level_label(level)

    @property
    def is_on_request(self) -> bool:
        """Whether what is open now an agent activates first (R20)."""
        return self.access in IN_FORCE and self.grant is not None and is_on_request(standing_at(self.grant, self.now))

    @property
    def narrow_standing(self) -> str:
        """What will stand open without an activation once less is open, in words; empty where all of it does."""
        standing = self.grant.narrow_standing if self.grant else ""
        return str(Standing(standing).label) if is_on_request(standing or Standing.ALL) else ""

    @property
    def standing_to_come(self) -> str:
        """What is desired to stand open without an activation, in words; empty where all of it is."""
        return str(Standing(self.extent.standing).label) if is_on_request(self.extent.standing) else ""

    @property
    def level_to_come(self) -> str:
        """The level that is desired, in words."""
        return level_label(self.extent.level)

    @property
    def ends_at(self) -> datetime | None:
        """When access that is open ends by the customer's own wish (R16)."""
        return self.grant.effective_until if self.grant and self._stays_open else None

    @property
    def _stays_open(self) -> bool:
        """Whether access is in force and no revocation ends it."""
        return self.access in (AccessState.OPEN, AccessState.ON_REQUEST)

    @property
    def narrows_at(self) -> datetime | None:
        """From when on less will be open, by the clock (R18)."""
        at = self.grant.narrows_at if self.grant else None
        return at if at is not None and at > self.now and self.access is not AccessState.CLOSED else None

    @property
    def narrow_level(self) -> str:
        return level_label(self.grant.narrow_level) if self.grant else ""

    @property
    def is_widening(self) -> bool:
        """Whether a worker is to give more of what is open already: a wider level, or a later end (R10)."""
        return self._stays_open and self.is_waiting and self.newest is not None and self.newest.gives

    @property
    def is_extent_alone(self) -> bool:
        """Whether the newest change leaves the box ticked, and changes only how far it opens."""
        return self.newest is not None and self.newest.allowed and (not self.newest.gives or self.is_widening)

    @property
    def generation(self) -> int:
        return self.grant.generation if self.grant else 0

    @property
    def is_waiting(self) -> bool:
        return self.newest is not None and self.newest.settled_at is None

    @cached_property
    def access(self) -> AccessState:
        """What is in effect at this instant, as the reseller's own pages say it."""
        if self.grant is None:
            return AccessState.CLOSED
        gives = self.newest is not None and self.is_waiting and self.newest.allowed and self.newest.gives
        opens_at = self.newest.due_at if self.newest and gives else None
        return state(self.now, window_of(self.grant), standing_at(self.grant, self.now), opens_at)

    @cached_property
    def status(self) -> BoxStatus:
        """Which sentence the page says about this box."""
        if self.newest is None:
            return BoxStatus.NEVER
        if self.reseller.suspended_at is not None:
            return BoxStatus.SUSPENDED
        if self.newest.outcome == Outcome.FAILED and self.access is AccessState.CLOSED:
            return BoxStatus.FAILED
        if self.access is AccessState.CLOSING:
            return BoxStatus.REOPENING if self.newest.allowed and self.is_waiting else BoxStatus.CLOSING
        if self.access is AccessState.OPENING:
            return BoxStatus.OPENING_LATE if self.newest.due_at <= self.now else BoxStatus.OPENING
        if self.access is AccessState.CLOSED:
            return BoxStatus.CLOSED if self.closed_since else BoxStatus.NEVER
        return BoxStatus.OPEN

    @property
    def title(self) -> str:
        """The name of the box where it stands alone."""
        return labelled(isolated(self.reseller.name), self._subscription_name or _("Allow reseller access"))

    @property
    def words_given(self) -> Promise:
        return self._consequence(allowed=True)

    @property
    def words_taken(self) -> Promise:
        return self._consequence(allowed=False)

    def _consequence(self, *, allowed: bool) -> Promise:
        basis = self.grant.basis if self.grant else Basis.RELATION
        return consequence(isolated(self.reseller.name), self._subscription_name, allowed=allowed, basis=basis)

    @property
    def _subscription_name(self) -> str | None:
        return self.subscription.sku.name if self.subscription else None

    @property
    def closed_since(self) -> datetime | None:
        """Since when there is no access; None where there never was any."""
        if self.grant is None or self.grant.effective_from is None:
            return None
        return self.grant.effective_until

    @property
    def latest(self) -> datetime | None:
        """By when the newest change is in effect, whatever happens (R7)."""
        return at_the_latest(self.newest.requested_at) if self.newest else None

    @property
    def reason(self) -> str:
        """Why the newest change failed, for a person to read (R9)."""
        return (
            str(FailureReason(self.newest.failure_reason).label) if self.newest and self.newest.failure_reason else ""
        )

    @property
    def is_moving(self) -> bool:
        """Whether what the page says about this box will change by itself."""
        if self.newest is None or not self.is_waiting:
            return self.access is AccessState.CLOSING
        # A revocation of what is closed already waits to be settled, but nothing will look different.
        return self.newest.allowed or self.access is not AccessState.CLOSED

    @property
    def can_remove(self) -> bool:
        """Whether *Remove now* has something to end (R8)."""
        return self.access is not AccessState.CLOSED

    @property
    def can_retry(self) -> bool:
        return self.allowed and self.newest is not None and self.newest.outcome == Outcome.FAILED
