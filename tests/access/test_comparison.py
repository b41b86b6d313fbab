"""What a form means, without a database: R3, R4, R6, R19."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from subscriptions.access.comparison import Desired, Difference, Key, Shown, Stored, box_id, check, compare, key_of
from subscriptions.access.errors import AccessRefused, AgreementMissing, EndRefused
from subscriptions.access.extent import Extent
from subscriptions.access.levels import opened_by
from subscriptions.models.level import Level

CONSOLE: Key = (1, None)
OWN: Key = (1, 7)
Ticks = dict[tuple[Key, int], bool]
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def on(generation: int = 1) -> Stored:
    return Stored(allowed=True, generation=generation, must_end=True)


def off(generation: int = 1, *, must_end: bool = False, is_support_only: bool = False) -> Stored:
    return Stored(False, generation, must_end, is_support_only)


def box(key: Key, allowed: bool, seen: int = 1) -> Desired:
    return Desired(*key, allowed, seen)


def showed(stored: Mapping[Key, Stored]) -> dict[tuple[Key, int], Shown]:
    return {(key, now.generation): Shown(now.allowed, now.extent) for key, now in stored.items()}


def test_R6_a_box_that_says_what_is_stored_changes_nothing() -> None:
    stored = {CONSOLE: on(), OWN: off()}
    assert compare(showed(stored), stored, [box(CONSOLE, True), box(OWN, False)]) == Difference()


def test_a_box_that_was_ticked_is_granted_and_one_that_was_unticked_is_revoked() -> None:
    stored = {CONSOLE: off(), (2, None): on()}
    left = [box(CONSOLE, True), box((2, None), False)]
    assert compare(showed(stored), stored, left) == Difference(granted=left[:1], revoked=[(2, None)])


def test_a_subscription_without_a_grant_is_granted() -> None:
    stored = {CONSOLE: on()}
    ticked = box(OWN, True, seen=0)
    assert compare({(OWN, 0): Shown(False)}, stored, [ticked]) == Difference(granted=[ticked])


def test_R4_a_console_takes_along_what_would_outlast_it() -> None:
    stored = {CONSOLE: on(), OWN: on(), (1, 8): off(must_end=True), (1, 9): off(), (2, 7): on()}
    assert compare(showed(stored), stored, [box(CONSOLE, False)]) == Difference(revoked=[CONSOLE, OWN, (1, 8)])


def test_R6_what_somebody_else_changed_is_a_conflict_and_nothing_is_granted() -> None:
    stored = {CONSOLE: on(), OWN: off(3), (2, None): on()}
    shown = showed(stored) | {(OWN, 2): Shown(False)}
    left = [box(OWN, True, seen=2), box((1, 8), True, seen=0), box((2, None), False)]
    assert compare(shown, stored, left) == Difference(revoked=[(2, None)], conflicts=[OWN])


def test_R6_what_goes_with_its_console_is_no_conflict() -> None:
    stored = {CONSOLE: on(), OWN: on(2)}
    shown = showed(stored) | {(OWN, 1): Shown(False)}
    left = [box(CONSOLE, False), box(OWN, False, seen=1)]
    assert compare(shown, stored, left) == Difference(revoked=[CONSOLE, OWN])


@pytest.mark.parametrize(
    ("stored", "left", "says"),
    [
        ({}, [box(CONSOLE, True, seen=0)], "sells you nothing"),
        ({CONSOLE: Stored(True, 1, True, is_support_only=True)}, [box(OWN, True, seen=0)], "only supports you"),
        ({CONSOLE: off()}, [box(OWN, True, seen=0)], "First allow"),
        ({CONSOLE: on()}, [box(CONSOLE, False), box(OWN, True, seen=0)], "First allow"),
        ({CONSOLE: on()}, [box((1, 8), True, seen=0)], "not bought from the vendor"),
        ({CONSOLE: on(), (2, None): on()}, [box((2, 7), True, seen=0)], "agreed to support"),
    ],
)
def test_R3_what_no_rule_allows_is_refused_for_its_box(
    stored: dict[Key, Stored], left: list[Desired], says: str
) -> None:
    difference = compare(showed(stored), stored, left)
    with pytest.raises(AccessRefused, match=says) as refused:
        check(difference, stored, NOW, None, bought=[7], agreed=[1])
    assert (refused.value.reseller_id, refused.value.subscription_id) == left[-1].key
    assert isinstance(refused.value, AgreementMissing) == ("agreed" in says)


def test_R3_console_and_subscription_are_granted_together() -> None:
    stored = {CONSOLE: off()}
    left = [box(OWN, True, seen=0), box(CONSOLE, True)]
    difference = compare(showed(stored), stored, left)
    check(difference, stored, NOW, None, bought=[7], agreed=[1])
    assert difference == Difference(granted=left)


@given(st.tuples(st.integers(0, 10**18 - 1), st.none() | st.integers(0, 10**18 - 1)))
def test_the_name_of_a_box_is_read_as_it_was_made(key: Key) -> None:
    assert key_of(box_id(key)) == key


@pytest.mark.parametrize("text", ["", "x", "1-", "-1", "1-2-3", "1 ", "1\n", "١", "9" * 19])
def test_anything_else_names_no_box(text: str) -> None:
    assert key_of(text) is None


# --- Level and end (R16, R18) ------------------------------------------------------------------------------

SOON, LATER = NOW + timedelta(days=1), NOW + timedelta(days=30)
NARROW, WIDE = Extent(Level.VIEW, SOON), Extent(Level.DIRECTORY, LATER)


def wanted(extent: Extent | None, seen: int = 1) -> Desired:
    return Desired(*CONSOLE, True, seen, extent)


def console(extent: Extent, generation: int = 1) -> dict[Key, Stored]:
    return {CONSOLE: Stored(True, generation, must_end=True, extent=extent)}


def test_R6_an_extent_that_is_stored_already_changes_nothing() -> None:
    stored = console(NARROW)
    assert compare(showed(stored), stored, [wanted(NARROW)]) == Difference()
    assert compare(showed(stored), stored, [wanted(None)]) == Difference()


@pytest.mark.parametrize("extent", [WIDE, Extent(Level.LICENCES, SOON), Extent(Level.VIEW, LATER), Extent(Level.VIEW)])
def test_R18_a_wider_level_and_a_later_end_are_given(extent: Extent) -> None:
    stored = console(NARROW)
    assert compare(showed(stored), stored, [wanted(extent)]) == Difference(granted=[wanted(extent)])


@pytest.mark.parametrize("extent", [NARROW, Extent(Level.CASES, LATER), Extent(Level.DIRECTORY, SOON)])
def test_R16_R18_a_narrower_level_and_a_nearer_end_are_taken_whatever_was_changed_meanwhile(extent: Extent) -> None:
    stored = console(WIDE, generation=3)
    shown = showed(stored) | {(CONSOLE, 1): Shown(True, Extent(Level.FULL))}
    for seen in (3, 1, 2):
        left = wanted(extent, seen)
        assert compare(shown, stored, [left]) == Difference(narrowed=[left])


def test_R6_R18_what_gives_conflicts_where_it_was_changed_and_its_narrower_part_is_taken() -> None:
    stored = console(WIDE, generation=2)
    shown = showed(stored) | {(CONSOLE, 1): Shown(True, Extent(Level.FULL, LATER))}
    other: dict[Key, Stored] = {(2, None): off()}
    both = [wanted(Extent(Level.CASES), seen=1), box((2, None), True)]
    difference = compare(shown | showed(other), stored | other, both)
    assert difference == Difference(narrowed=[wanted(Extent(Level.CASES, LATER), seen=1)], conflicts=[CONSOLE])
    untouched = wanted(Extent(Level.FULL, LATER), seen=1)
    assert compare(shown, stored, [untouched]) == Difference(conflicts=[CONSOLE])


def test_R16_an_end_that_is_over_is_refused_for_its_box() -> None:
    for stored in (console(Extent()), {CONSOLE: off()}):
        difference = compare(showed(stored), stored, [wanted(Extent(Level.FULL, NOW))])
        with pytest.raises(EndRefused, match="still to come"):
            check(difference, stored, NOW, None, bought=[], agreed=[])


EXTENTS = st.builds(Extent, st.sampled_from([*Level, "of a later release"]), st.sampled_from([SOON, LATER, None]))


@given(EXTENTS, EXTENTS, EXTENTS)
def test_R18_what_two_extents_share_is_held_by_both_and_nothing_that_both_hold_is_lost(
    first: Extent, second: Extent, third: Extent
) -> None:
    shared = first.met_with(second)
    assert first.holds(shared)
    assert second.holds(shared)
    assert shared == second.met_with(first) or not opened_by(shared.level)
    if first.holds(third) and second.holds(third):
        assert shared.holds(third)


# --- As it was before the comparison stood by itself ----------------------------------------------------


def as_before(
    shown: Ticks, stored: dict[Key, Stored], sent: Sequence[Desired], bought: Collection[int], agreed: Collection[int]
) -> Any:
    """The algorithm of access/desired.py until November 2026, on plain values."""
    revoked: dict[Key, Stored] = {}
    wanted: dict[Key, Desired] = {}
    conflicts: list[Key] = []
    for one in sent:
        now = stored.get(one.key)
        allowed = now.allowed if now else False
        meant = one.allowed != shown.get((one.key, one.seen), not one.allowed)
        if one.allowed == allowed:
            continue
        if now and meant and not one.allowed:
            revoked[one.key] = now
        elif now and (not meant or now.generation != one.seen):
            conflicts.append(one.key)
        else:
            wanted[one.key] = one
    resellers = {reseller for reseller, subscription in revoked if subscription is None}
    revoked |= {k: g for k, g in stored.items() if k[1] is not None and k[0] in resellers and g.must_end}
    conflicts = [key for key in conflicts if key not in revoked]
    granted = [] if conflicts else list(wanted.values())
    for one in granted:
        if refused := refused_before(one, stored, granted, revoked, bought, agreed):
            return refused, one.key
    return granted, list(revoked), conflicts


def refused_before(
    one: Desired,
    stored: dict[Key, Stored],
    granted: Sequence[Desired],
    revoked: Collection[Key],
    bought: Collection[int],
    agreed: Collection[int],
) -> str:
    console = (one.reseller_id, None)
    if console not in stored:
        return "sells you nothing"
    if one.subscription_id is None:
        return ""
    if stored[console].is_support_only:
        return "only supports you"
    console_is_granted = any(other.key == console for other in granted)
    if console in revoked or not (stored[console].allowed or console_is_granted):
        return "First allow"
    if one.subscription_id not in bought:
        return "not bought from"
    return "" if one.reseller_id in agreed else "agreed to support"


SAID = ("sells you nothing", "only supports you", "First allow", "not bought from", "agreed to support")


def as_now(
    shown: Ticks, stored: dict[Key, Stored], sent: Sequence[Desired], bought: Collection[int], agreed: Collection[int]
) -> Any:
    difference = compare({place: Shown(ticked) for place, ticked in shown.items()}, stored, sent)
    try:
        check(difference, stored, NOW, None, bought, agreed)
    except AccessRefused as refused:
        return next(said for said in SAID if said in str(refused)), (refused.reseller_id, refused.subscription_id)
    return difference.granted, difference.revoked, difference.conflicts


RESELLERS, SUBSCRIPTIONS, GENERATIONS = st.integers(1, 2), st.none() | st.integers(7, 8), st.integers(0, 3)
KEYS = st.tuples(RESELLERS, SUBSCRIPTIONS)
# What is allowed has something to end; a window may outlast what is not.
STORED = st.builds(
    lambda allowed, generation, lasts, only: Stored(allowed, generation, allowed or lasts, only),
    st.booleans(),
    GENERATIONS,
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=500)
@given(
    shown=st.dictionaries(st.tuples(KEYS, GENERATIONS), st.booleans()),
    stored=st.dictionaries(KEYS, STORED),
    sent=st.lists(st.builds(lambda key, *left: Desired(*key, *left), KEYS, st.booleans(), GENERATIONS), max_size=8),
    bought=st.sets(st.integers(7, 8)),
    agreed=st.sets(RESELLERS),
)
def test_the_comparison_answers_as_the_save_did_before(
    shown: Ticks, stored: dict[Key, Stored], sent: list[Desired], bought: set[int], agreed: set[int]
) -> None:
    assert as_now(shown, stored, sent, bought, agreed) == as_before(shown, stored, sent, bought, agreed)
