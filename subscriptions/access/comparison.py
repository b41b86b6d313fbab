"""What a form of the page *Reseller access* means: what it showed, what is stored, what was sent (R3, R4, R6).

Plain values, no database, no clock: the preview and the save ask the same question.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum

from django.utils.translation import gettext_lazy as _

from subscriptions.access.errors import AccessRefused, AgreementMissing, EndRefused
from subscriptions.access.extent import EVERYTHING, Extent

Key = tuple[int, int | None]  # reseller, subscription; None: the console

# Lengths keep every number inside its column.
_BOX = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18}))?", re.ASCII)


def box_id(key: Key) -> str:
    """Return the name of a box in forms: "12" for a reseller's console, "12-45" for a subscription."""
    reseller, subscription = key
    return str(reseller) if subscription is None else f"{reseller}-{subscription}"


def key_of(text: str) -> Key | None:
    """Return the box that `box_id` gave this name; None for anything else."""
    match = _BOX.fullmatch(text)
    return (int(match[1]), int(match[2]) if match[2] else None) if match else None


@dataclass(frozen=True, slots=True)
class Desired:
    """One box as an admin left it.

    subscription_id: a subscription bought from the vendor; None for the console.
    seen: the generation that the page showed; 0 where there was none yet.
    extent: how far the console is to be open (R16, R18); None: as it stands, without an end where it was off.
    """

    reseller_id: int
    subscription_id: int | None
    allowed: bool
    seen: int
    extent: Extent | None = None

    @property
    def key(self) -> Key:
        return (self.reseller_id, self.subscription_id)


@dataclass(frozen=True, slots=True)
class Stored:
    """One grant as it is now.

    must_end: a revocation saved now has something to end, as outbox.must_end() tells it.
    is_support_only: a console that stands on a support contract alone (R19).
    extent: how far it is to be open where it is allowed.
    """

    allowed: bool
    generation: int
    must_end: bool
    is_support_only: bool = False
    extent: Extent = EVERYTHING


@dataclass(frozen=True, slots=True)
class Shown:
    """What a box said in a generation, and how far it was to be open."""

    allowed: bool
    extent: Extent = EVERYTHING


@dataclass(frozen=True, slots=True)
class Difference:
    """What a form changes: each box once. conflicts: what another admin changed meanwhile; nothing is granted then.

    narrowed: consoles that stay allowed and lose a part; it is taken away whatever else conflicts.
    """

    granted: list[Desired] = field(default_factory=list)
    narrowed: list[Desired] = field(default_factory=list)
    revoked: list[Key] = field(default_factory=list)
    conflicts: list[Key] = field(default_factory=list)


class _Meaning(Enum):
    NOTHING = "nothing"
    GRANT = "grant"
    NARROW = "narrow"
    REVOKE = "revoke"
    CONFLICT = "conflict"


def compare(
    shown: Mapping[tuple[Key, int], Shown], stored: Mapping[Key, Stored], sent: Sequence[Desired]
) -> Difference:
    """Compare what the boxes showed with what they say now: only that difference is desired (R6).

    shown: what a box said in a generation; one that never was is left out.
    stored: every live console of the customer, and the subscriptions opened in it.

    Revoking and narrowing are always accepted, and the console takes its subscriptions along (R4); granting conflicts
    when another admin changed the box meanwhile, and then nothing is granted.
    """
    meanings = [(box, _meaning(box, stored.get(box.key), shown.get((box.key, box.seen)))) for box in sent]
    revoked = list(dict.fromkeys(box.key for box, meaning in meanings if meaning is _Meaning.REVOKE))
    revoked += [key for key in subscriptions_that_end(stored, revoked) if key not in revoked]
    conflicts = [box.key for box, meaning in meanings if meaning is _Meaning.CONFLICT and box.key not in revoked]
    narrowed = {box.key: box for box, meaning in meanings if meaning is _Meaning.NARROW and box.key not in revoked}
    narrowed |= {key: left for key in conflicts for left in _narrow_part(key, stored, shown, sent)}
    granted = {} if conflicts else {box.key: box for box, meaning in meanings if meaning is _Meaning.GRANT}
    return Difference(list(granted.values()), list(narrowed.values()), revoked, conflicts)


def _meaning(box: Desired, now: Stored | None, showed: Shown | None) -> _Meaning:
    """Tell what one box asks for. showed: None for a generation that never was: then it is taken at its word."""
    if box.allowed == (now is not None and now.allowed):
        return _meaning_of_extent(box, now, showed)
    if now is None:
        return _Meaning.GRANT
    was_changed_by_the_admin = showed is None or box.allowed != showed.allowed
    if was_changed_by_the_admin and not box.allowed:
        return _Meaning.REVOKE
    return _Meaning.GRANT if was_changed_by_the_admin and box.seen == now.generation else _Meaning.CONFLICT


def _meaning_of_extent(box: Desired, now: Stored | None, showed: Shown | None) -> _Meaning:
    """Tell what a box that stays as it is asks for: a console may become narrower or wider (R16, R18)."""
    if now is None or not now.allowed or box.extent is None or box.extent == now.extent:
        return _Meaning.NOTHING
    if showed is not None and box.extent == showed.extent:
        return _Meaning.CONFLICT
    if now.extent.holds(box.extent):
        return _Meaning.NARROW
    return _Meaning.GRANT if box.seen == now.generation else _Meaning.CONFLICT


def _narrow_part(
    key: Key, stored: Mapping[Key, Stored], shown: Mapping[tuple[Key, int], Shown], sent: Sequence[Desired]
) -> Iterator[Desired]:
    """Yield what a box in conflict takes away all the same: an admin chose less of one thing and more of another."""
    now = stored[key]
    for box in sent:
        if box.key != key or box.extent is None or not (box.allowed and now.allowed):
            continue
        showed, left = shown.get((key, box.seen)), now.extent.met_with(box.extent)
        if left != now.extent and (showed is None or showed.extent != box.extent):
            yield replace(box, extent=left)


def subscriptions_that_end(stored: Mapping[Key, Stored], revoked: Collection[Key]) -> list[Key]:
    """Return the subscriptions that end together with the consoles among `revoked` (R4).

    Also one that was revoked before and ends later than the console: it would show again where the console is opened
    again in between.
    """
    resellers = {reseller for reseller, subscription in revoked if subscription is None}
    return [key for key, now in stored.items() if key[1] is not None and key[0] in resellers and now.must_end]


def check(
    difference: Difference,
    stored: Mapping[Key, Stored],
    now: datetime,
    latest: datetime | None,
    bought: Collection[int],
    agreed: Collection[int],
) -> None:
    """Raise AccessRefused for the first box that no rule lets the customer grant (R1, R3, R16, R19).

    latest: when access that is given now ends at the latest by the customer's own rules; None: it needs no end.
    bought: the granted subscriptions that were bought from the vendor and still live.
    agreed: the resellers of which the admin confirmed that they agreed to support the subscriptions (R3).
    """
    for box in [*difference.granted, *difference.narrowed]:
        if box.extent and box.extent.ends_at and box.extent.ends_at <= now:
            raise EndRefused(_("This moment is over. Choose one that is still to come, or no end."), *box.key)
        end = box.extent.ends_at if box.extent else None
        is_given = box in difference.granted and box.subscription_id is None
        if is_given and latest is not None and (end is None or end > latest):
            raise EndRefused(_("Your organisation gives access for a limited time: choose a nearer end."), *box.key)
    granted = {box.key for box in difference.granted}
    for box in difference.granted:
        console = (box.reseller_id, None)
        if console not in stored:
            raise AccessRefused(_("This reseller sells you nothing, and has no support contract."), *box.key)
        if box.subscription_id is None:
            continue
        is_open = console not in difference.revoked and (stored[console].allowed or console in granted)
        _check_subscription(box, stored[console], is_open=is_open, bought=bought, agreed=agreed)


def _check_subscription(
    box: Desired, console: Stored, *, is_open: bool, bought: Collection[int], agreed: Collection[int]
) -> None:
    if console.is_support_only:
        raise AccessRefused(
            _("This partner only supports you. Subscriptions are for resellers that sold you one."), *box.key
        )
    if not is_open:
        raise AccessRefused(_("First allow access to the console, then to subscriptions."), *box.key)
    if box.subscription_id not in bought:
        raise AccessRefused(_("This subscription was not bought from the vendor, or it has ended."), *box.key)
    if box.reseller_id not in agreed:
        raise AgreementMissing(_("Confirm that the reseller agreed to support these subscriptions."), *box.key)
