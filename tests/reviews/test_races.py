"""R22: two people at the same review at the same instant: one decides, the other is told, nothing is half done."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts import staffing
from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import AuditEvent
from accounts.roles import Role
from subscriptions.access.desired import remove_now
from subscriptions.models import Review, ReviewLine
from subscriptions.reviews.beginning import begin_review, change_review_schedule, due_reviews
from subscriptions.reviews.deciding import Decided
from subscriptions.reviews.finishing import finish_review
from tests.access.world import World, make_world
from tests.factories import make_person
from tests.races import at_once, second_waits_for_first
from tests.reviews.world import DAY, KEEP, REMOVE, begin, choice, decide, let_reviews_age, line, make_staffed

pytestmark = pytest.mark.django_db(transaction=True)


def test_R22_two_admins_decide_the_same_line_and_one_of_them_has() -> None:
    world = make_world()
    review, other = begin(world), Actor(make_person(world.customer, Role.SUPER_ADMIN))
    found: list[Decided] = []
    keep = choice(line(review, "console"), KEEP, seen=world.console().generation)
    remove = choice(line(review, "console"), REMOVE, seen=world.console().generation)
    second_waits_for_first(
        lambda: found.append(decide(world.admin, world.customer, review, keep)),
        lambda: found.append(decide(other, world.customer, review, remove)),
    )
    assert [(one.number, len(one.refused)) for one in found] == [(1, 0), (0, 1)]
    assert world.console().allowed
    assert AuditEvent.objects.filter(name="DECIDE_REVIEW_LINE").count() == 1


def test_R22_what_another_person_removed_at_the_same_instant_has_ended() -> None:
    world = make_world()
    review = begin(world)
    found: list[Decided] = []
    keep = choice(line(review, "console"), KEEP, seen=world.console().generation)
    second_waits_for_first(
        lambda: remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk),
        lambda: found.append(decide(world.admin, world.customer, review, keep)),
    )
    assert [str(why) for why in found[0].refused.values()] == [
        "This has ended meanwhile, so there is nothing left to decide."
    ]
    assert not line(review, "console").decision


def test_R22_deciding_waits_for_finishing_and_is_told() -> None:
    world = make_world()
    review, other = begin(world), Actor(make_person(world.customer, Role.SUPER_ADMIN))
    remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    remove = choice(line(review, "console"), REMOVE)

    def late() -> None:
        with pytest.raises(Refused, match="has finished this review meanwhile"):
            decide(other, world.customer, review, remove)

    second_waits_for_first(lambda: finish(world, review), late)
    assert Review.objects.get().result == {"ended": 1}


def finish(world: World, review: Review) -> None:
    finish_review(actor=world.admin, owner=world.customer, review_id=review.pk)


def test_R22_two_begin_at_once_and_there_is_one() -> None:
    world = make_world()
    other = Actor(make_person(world.customer, Role.SUPER_ADMIN))

    def beginning(actor: Actor) -> Callable[[], object]:
        return lambda: begin_review(actor=actor, owner=world.customer)

    raised = at_once(beginning(world.admin), beginning(other))
    assert len([error for error in raised if error is not None]) == 1
    assert Review.objects.count() == 1


def test_R22_two_sweeps_at_once_begin_one_review() -> None:
    world, staffed = make_world(), make_staffed()
    change_review_schedule(actor=world.admin, owner=world.customer, months=3)
    change_review_schedule(actor=staffed.boss, owner=staffed.reseller, months=3)
    let_reviews_age(100 * DAY)
    raised = at_once(*[lambda: list(due_reviews())] * 3)
    assert raised == [None] * 3
    list(due_reviews())
    assert Review.objects.count() == 2


def test_R22_a_team_that_is_deleted_while_its_work_is_removed() -> None:
    staffed = make_staffed()
    review = staffed.begin()
    remove = choice(line(review, "team"), REMOVE)
    found: list[Decided] = []
    second_waits_for_first(
        lambda: staffing.delete_team(actor=None, team=staffed.team),
        lambda: found.append(decide(staffed.boss, staffed.reseller, review, remove)),
    )
    decided = ReviewLine.objects.get(kind="team")
    # Whichever came first: its work is over, and the line says so or waits for nothing.
    assert (found[0].number, decided.decision) in {(1, "remove"), (0, "")}
