"""R22: a customer looks at every access again, keeps, narrows and removes, and the result stays as it is."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, connection, transaction

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import AuditEvent
from accounts.roles import Role
from reseller_console.local.postgres import APPLICATION
from subscriptions.access.desired import remove_now
from subscriptions.access.extent import Extent
from subscriptions.models import AccessChange, Review, ReviewLine
from subscriptions.models.level import Level
from subscriptions.models.review import Decision, LineKind
from subscriptions.reviews.activity import facts_of
from subscriptions.reviews.beginning import begin_review
from subscriptions.reviews.finishing import finish_review, overdue_reviews, undecided_after_deadline
from subscriptions.reviews.kinds import Choice
from subscriptions.reviews.scope import reviews_of
from support.models.partner import AssignmentStatus
from tests import servers
from tests.access.boxes import console, everything, save
from tests.access.world import World, make_world, may_enter
from tests.accounts.entering import inside
from tests.factories import make_person
from tests.reviews.world import (
    DAY,
    KEEP,
    NARROW,
    REMOVE,
    begin,
    choice,
    decide,
    let_reviews_age,
    line,
    open_everything,
)

ADD_A_LINE = """
    INSERT INTO subscriptions_reviewline (review_id, kind, about_id, customer_id, reseller_id, who, who_address, what,
        what_domain, decision, note, decided_by_email, level, new_level)
    SELECT review_id, kind, 0, customer_id, reseller_id, '', '', '', '', '', '', '', '', ''
    FROM subscriptions_reviewline LIMIT 1"""


def seen(world: World) -> int:
    return world.console().generation


def test_R22_a_review_lists_each_console_box_and_contract_that_is_open(world: World) -> None:
    open_everything(world)
    make_world()
    review = begin(world)
    found = list(ReviewLine.objects.filter(review=review).order_by("pk").values_list("kind", "who", "what"))
    name = world.reseller.name
    assert found == [
        ("console", name, ""),
        ("subscription", name, world.own.sku.name),
        ("contract", name, "Google Voice"),
    ]


def test_R22_what_is_off_or_over_is_not_reviewed(world: World) -> None:
    save(world, console(world, False))
    with pytest.raises(Refused, match="nothing to review"):
        begin(world)
    assert not Review.objects.exists()


def test_R22_one_review_is_open_at_a_time(world: World) -> None:
    begin(world)
    with pytest.raises(Refused, match="open already"):
        begin(world)


def test_R22_a_line_says_when_it_was_last_used_and_how_much_was_done(world: World) -> None:
    review = begin(world)
    console_line = line(review, LineKind.CONSOLE)
    [facts] = facts_of([console_line.pk]).values()
    assert (facts.last_used_at, facts.visits, facts.changes) == (None, 0, 0)
    inside(world)
    record_audit(EventName.CHANGE_USER, actor=Actor(world.agent), customer=world.customer)
    record_audit(EventName.CHANGE_USER, actor=world.admin, customer=world.customer)  # counts for nobody
    [facts] = facts_of([console_line.pk]).values()
    done = AuditEvent.objects.get(name="CHANGE_USER", actor_id=world.agent.pk)
    assert (facts.last_used_at, facts.visits, facts.changes) == (done.at, 1, 1)
    assert (facts.level, facts.generation) == (Level.FULL, seen(world))


def test_R22_some_lines_are_decided_today_and_the_others_later(world: World) -> None:
    contract = open_everything(world)
    review = begin(world)
    kept = choice(line(review, LineKind.CONSOLE), KEEP, seen=seen(world), note="They run our phones")
    assert decide(world.admin, world.customer, review, kept).number == 1
    with pytest.raises(Refused, match="2 lines wait"):
        finish_review(actor=world.admin, owner=world.customer, review_id=review.pk)
    removed = [choice(line(review, kind), REMOVE) for kind in (LineKind.SUBSCRIPTION, LineKind.CONTRACT)]
    assert decide(world.admin, world.customer, review, *removed).number == 2
    assert not world.opened().allowed
    assert world.console().allowed
    contract.refresh_from_db()
    assert contract.status == AssignmentStatus.REMOVED
    finished = finish_review(actor=world.admin, owner=world.customer, review_id=review.pk)
    assert (finished.undecided, finished.result) == (0, {"keep": 1, "remove": 2})
    names = AuditEvent.objects.filter(customer_id=world.customer.pk, name__contains="REVIEW").order_by("id")
    assert list(names.values_list("name", flat=True)) == [
        "START_ACCESS_REVIEW",
        *["DECIDE_REVIEW_LINE"] * 3,
        "FINISH_ACCESS_REVIEW",
    ]


def test_R18_R22_narrowing_is_a_save_of_reseller_access(world: World) -> None:
    review = begin(world)
    narrowed = choice(line(review, LineKind.CONSOLE), NARROW, seen=seen(world), level=Level.VIEW, lasts=7 * DAY)
    assert decide(world.admin, world.customer, review, narrowed).number == 1
    grant, decided = world.console(), line(review, LineKind.CONSOLE)
    assert (grant.level, decided.level, decided.new_level) == (Level.VIEW, Level.FULL, Level.VIEW)
    assert grant.ends_at is not None
    assert decided.new_ends_at == grant.ends_at
    change = AccessChange.objects.get(grant=grant, generation=grant.generation)
    assert change.requested_by == world.admin.user


@pytest.mark.parametrize(
    "wider", [{"level": Level.FULL}, {"level": Level.DIRECTORY}, {"level": Level.VIEW, "lasts": 365 * DAY}]
)
def test_R22_narrowing_never_gives_more(world: World, wider: dict[str, object]) -> None:
    narrow = console(world, True)
    save(world, type(narrow)(narrow.reseller_id, None, True, narrow.seen, Extent(Level.VIEW, lasts=30 * DAY)))
    review = begin(world)
    before = everything()
    wanted = choice(line(review, LineKind.CONSOLE), NARROW, seen=seen(world), **wider)
    decided = decide(world.admin, world.customer, review, wanted)
    assert [str(why) for why in decided.refused.values()] == [
        "Choose a narrower level or a nearer end than what is open now."
    ]
    assert everything() == before


def test_R6_R22_what_changed_meanwhile_is_not_kept_unseen_but_can_be_removed(world: World) -> None:
    review = begin(world)
    shown = seen(world)
    narrow = console(world, True)
    save(world, type(narrow)(narrow.reseller_id, None, True, narrow.seen, Extent(Level.VIEW)))
    for stale in (choice(line(review, "console"), KEEP, seen=shown), wider_than_now(review, shown)):
        [why] = decide(world.admin, world.customer, review, stale).refused.values()
        assert "Another person changed this access" in str(why)
    assert not line(review, "console").decision
    assert decide(world.admin, world.customer, review, choice(line(review, "console"), REMOVE, seen=shown)).number == 1
    assert not world.console().allowed


def wider_than_now(review: Review, shown: int) -> Choice:
    return choice(line(review, "console"), NARROW, seen=shown, level=Level.HELP_DESK)


def test_R22_what_ended_meanwhile_needs_no_decision(world: World) -> None:
    open_everything(world)
    review = begin(world)
    remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    [why] = decide(world.admin, world.customer, review, choice(line(review, "console"), KEEP)).refused.values()
    assert "ended meanwhile" in str(why)
    assert decide(world.admin, world.customer, review, choice(line(review, "contract"), KEEP)).number == 1
    finished = finish_review(actor=world.admin, owner=world.customer, review_id=review.pk)
    assert finished.result == {"keep": 1, "ended": 2}


def test_R22_a_box_cannot_be_kept_whose_console_is_removed_with_it(world: World) -> None:
    open_everything(world)
    review = begin(world)
    box = choice(line(review, "subscription"), KEEP, seen=world.opened().generation)
    decided = decide(world.admin, world.customer, review, choice(line(review, "console"), REMOVE), box)
    assert (decided.number, list(decided.refused)) == (1, [box.line_id])


def test_R22_the_later_of_two_admins_sees_what_was_decided(world: World) -> None:
    open_everything(world)
    review = begin(world)
    second = Actor(make_person(world.customer, Role.SUPER_ADMIN))
    decide(world.admin, world.customer, review, choice(line(review, "console"), KEEP, seen=seen(world)))
    before = list(ReviewLine.objects.filter(kind="console").values())
    decided = decide(
        second,
        world.customer,
        review,
        choice(line(review, "console"), REMOVE),
        choice(line(review, "contract"), KEEP),
    )
    [why] = decided.refused.values()
    assert str(why) == f"{world.admin.user.email} has decided this meanwhile: Keep."
    assert decided.number == 1  # the other line is
    assert world.console().allowed
    assert list(ReviewLine.objects.filter(kind="console").values()) == before


def test_R22_two_clicks_are_one(world: World) -> None:
    review = begin(world)
    keep = choice(line(review, "console"), KEEP, seen=seen(world))
    decide(world.admin, world.customer, review, keep)
    before = everything()
    assert (decide(world.admin, world.customer, review, keep).number, everything()) == (0, before)
    finish_review(actor=world.admin, owner=world.customer, review_id=review.pk)
    before = everything()
    finish_review(actor=world.admin, owner=world.customer, review_id=review.pk)
    assert everything() == before


def test_R22_at_the_deadline_it_is_over_by_the_clock_and_nothing_is_removed(world: World) -> None:
    open_everything(world)
    review = begin(world)
    decide(world.admin, world.customer, review, choice(line(review, "console"), KEEP, seen=seen(world)))
    assert undecided_after_deadline(world.customer) == 0
    let_reviews_age(30 * DAY)
    assert reviews_of(world.customer).get().is_over
    for late in (
        lambda: decide(world.admin, world.customer, review, choice(line(review, "contract"), KEEP)),
        lambda: finish_review(actor=world.admin, owner=world.customer, review_id=review.pk),
    ):
        with pytest.raises(Refused, match="deadline of this review has passed"):
            late()
    assert undecided_after_deadline(world.customer) == 2
    assert (sum(overdue_reviews()), sum(overdue_reviews())) == (1, 0)
    ended = reviews_of(world.customer).get()
    assert (ended.undecided, ended.result, ended.finished_at) == (2, {"keep": 1}, ended.deadline)
    assert undecided_after_deadline(world.customer) == 2
    assert may_enter(world.agent, world.customer)
    assert world.opened().allowed
    [event] = AuditEvent.objects.filter(name="REVIEW_DEADLINE_PASSED")
    assert (event.customer_id, event.new_value) == (world.customer.pk, {"keep": 1, "undecided": 2})
    assert line(review, "contract").visits == 0  # fixed with the end
    # The next one begins, also where no sweep had looked.
    assert begin(world).counts_from == ended.began_at
    assert undecided_after_deadline(world.customer) == 0


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SUPPORT_MANAGER])
def test_R5_R22_nobody_but_a_super_admin_reviews(world: World, role: Role) -> None:
    review = begin(world)
    other = Actor(make_person(world.customer, role))
    keep = choice(line(review, "console"), KEEP, seen=seen(world))
    for attempt in (
        lambda: begin_review(actor=other, owner=world.customer),
        lambda: decide(other, world.customer, review, keep),
        lambda: finish_review(actor=other, owner=world.customer, review_id=review.pk),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_R22_a_stranger_reaches_no_line_of_another_customer(world: World) -> None:
    review, other = begin(world), make_world()
    theirs = begin(other)
    keep = choice(line(review, "console"), KEEP, seen=seen(world))
    with pytest.raises(Refused):
        decide(other.admin, other.customer, review, keep)
    with pytest.raises(Refused):
        decide(other.admin, other.customer, theirs, keep)
    with pytest.raises(PermissionDenied):
        decide(other.admin, world.customer, review, keep)
    assert not line(review, "console").decision


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subscriptions_review SET undecided = 7",
        "UPDATE subscriptions_review SET finished_at = NULL, undecided = NULL",
        "DELETE FROM subscriptions_review",
        "UPDATE subscriptions_reviewline SET note = 'another'",
        "UPDATE subscriptions_reviewline SET decision = 'remove'",
        "DELETE FROM subscriptions_reviewline",
        ADD_A_LINE,
    ],
)
def test_R22_no_sql_changes_a_result(world: World, statement: str) -> None:
    review = begin(world)
    decide(world.admin, world.customer, review, choice(line(review, "console"), KEEP, seen=seen(world)))
    finish_review(actor=world.admin, owner=world.customer, review_id=review.pk)
    refused = pytest.raises(ProgrammingError, match="a review stays as it is")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_R22_a_decided_line_stays_while_the_review_goes_on(world: World) -> None:
    open_everything(world)
    review = begin(world)
    decide(world.admin, world.customer, review, choice(line(review, "console"), KEEP, seen=seen(world)))
    with pytest.raises(ProgrammingError, match="a review stays as it is"), transaction.atomic():
        ReviewLine.objects.filter(kind="console").update(decided_at=database_now())
    ReviewLine.objects.filter(kind="contract").update(who="Renamed")
    assert Decision.ENDED not in set(ReviewLine.objects.values_list("decision", flat=True))


@pytest.mark.django_db(transaction=True)
def test_R22_the_application_can_change_no_result() -> None:
    world = make_world()
    review = begin(world)
    decide(world.admin, world.customer, review, choice(line(review, "console"), KEEP, seen=seen(world)))
    finish_review(actor=world.admin, owner=world.customer, review_id=review.pk)
    servers.make_roles()
    with servers.connected_as(APPLICATION):
        for table, column in (("review", "undecided"), ("reviewline", "visits")):
            for forbidden in (
                f"UPDATE subscriptions_{table} SET {column} = 7",
                f"DELETE FROM subscriptions_{table}",
                f"ALTER TABLE subscriptions_{table} DISABLE TRIGGER ALL",
            ):
                refused = pytest.raises(ProgrammingError, match=r"stays as it is|permission denied|must be owner")
                with refused, connection.cursor() as cursor:
                    cursor.execute(forbidden)
