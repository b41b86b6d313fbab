"""What a reseller reads of the past of its access: what it could notice itself, and not the setting (R5, R8, R10)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from accounts.clock import database_now
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.access.extent import Extent
from subscriptions.access.relation_history import history_of
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import Outcome
from subscriptions.models.level import Level
from tests.access.world import World, grant, pass_time, propagate, wish
from tests.client import main_text_of, signed_in
from tests.factories import put_person
from tests.web.reseller.customers_world import page

A_DAY = int(timedelta(days=1).total_seconds())


def save(world: World, *, allowed: bool, extent: Extent | None = None) -> None:
    wanted = replace(wish(world.customer, world.reseller, allowed=allowed), extent=extent)
    desired.save_reseller_access(actor=world.admin, customer=world.customer, desired=[wanted])


def console(world: World) -> AccessGrant:
    return grant(world.customer, world.reseller)


def said(world: World) -> list[tuple[bool, str]]:
    return [(moment.is_open, moment.level) for moment in history_of(console(world))]


def test_R5_a_revocation_is_read_when_it_is_in_effect_and_not_before(world: World) -> None:
    assert said(world) == [(True, "full")]
    save(world, allowed=False)
    assert said(world) == [(True, "full")], "that it closes soon is said elsewhere; the history has what was"
    pass_time(A_DAY)
    propagate()
    assert said(world) == [(False, ""), (True, "full")]
    newest = history_of(console(world))[0]
    assert newest.at == console(world).effective_until


@pytest.mark.parametrize(
    ("given_after", "began_ago", "expected"),
    [(5, A_DAY, [True]), (20, A_DAY, [True, False, True]), (20, 5 * 60, [True])],
    ids=["given before it", "given after it", "still to come"],
)
def test_R10_a_revocation_is_in_it_only_where_it_came_true(
    given_after: int, began_ago: int, expected: list[bool], world: World
) -> None:
    """It was superseded before it was applied: it still ended the window, unless access was given again before."""
    before = database_now() - timedelta(seconds=began_ago)
    old = console(world)
    AccessChange.objects.filter(grant=old).update(settled_at=before, due_at=before)
    AccessGrant.objects.filter(pk=old.pk).update(generation=3, observed_generation=3)
    for generation, allowed, outcome, due, settled in (
        (2, False, Outcome.SUPERSEDED, 10, 1),
        (3, True, Outcome.APPLIED, given_after, given_after),
    ):
        AccessChange.objects.create(
            grant=old,
            generation=generation,
            allowed=allowed,
            requested_at=before,
            due_at=before + timedelta(minutes=due),
            next_attempt_at=before,
            settled_at=before + timedelta(minutes=settled),
            outcome=outcome,
        )
    assert [moment.is_open for moment in history_of(console(world))] == expected


def test_R18_levels_are_read_as_they_came_into_effect(world: World) -> None:
    save(world, allowed=True, extent=Extent(Level.VIEW))
    pass_time(A_DAY)
    propagate()
    assert said(world) == [(True, "view"), (True, "full")]


def test_R5_the_page_tells_neither_who_decided_nor_when(world: World) -> None:
    reader = signed_in(put_person(world.reseller, Role.RESELLER_ADMIN))
    save(world, allowed=False)
    pass_time(A_DAY)
    propagate()
    text = main_text_of(reader.get(page(world.customer)))
    assert "History" in text and "Closed since" in text
    assert world.admin.user.email not in text and world.admin.user.name not in text
    assert AccessGrant.objects.filter(pk=console(world).pk, allowed=False).exists()
