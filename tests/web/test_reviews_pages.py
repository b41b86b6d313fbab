"""R22: the pages of reviews, in a customer's console and at a reseller."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.models import AuditEvent
from accounts.roles import Role
from subscriptions.access.comparison import Desired
from subscriptions.access.desired import save_reseller_access
from subscriptions.access.extent import Extent
from subscriptions.models import Review, ReviewLine
from subscriptions.models.level import Level
from subscriptions.reviews.finishing import overdue_reviews
from tests.access.world import World, make_world
from tests.client import content_of, lines_of, main_text_of, signed_in, url_of
from tests.factories import make_person
from tests.reviews.world import (
    DAY,
    KEEP,
    Staffed,
    begin,
    choice,
    decide,
    let_reviews_age,
    line,
    make_staffed,
    open_everything,
)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def staffed(db: None) -> Staffed:
    return make_staffed()


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in(world.admin.user)


def page(review: Review, name: str = "access_review") -> str:
    assert review.customer is not None
    return url_of(name, review.customer, review_id=review.pk)


def sent(*lines: ReviewLine, seen: int = 0, **fields: Any) -> dict[str, Any]:
    """What the page sends; fields: the same for each of the lines."""
    data: dict[str, Any] = {"line": [line.pk for line in lines]}
    for one in lines:
        data |= {f"{one.pk}-seen": seen} | {f"{one.pk}-{name}": value for name, value in fields.items()}
    return data


def test_R22_from_reseller_access_to_a_review(world: World, admin: Client) -> None:
    listed = url_of("access_reviews", world.customer)
    assert f'href="{listed}"' in admin.get(url_of("reseller_access", world.customer)).content.decode()
    assert "Begin a review" in main_text_of(admin.get(listed))
    begun = admin.post(url_of("access_review_begin", world.customer))
    review = Review.objects.get()
    assert begun.headers["Location"] == page(review)
    assert "Begin a review" not in main_text_of(admin.get(listed))
    [row] = lines_of(admin.get(page(review)))
    assert row.startswith(f"{world.reseller.name} Console Everything No end never 0 visits, 0 changes")
    assert "Narrow" in row


def test_R22_begin_with_nothing_to_review_says_so(world: World, admin: Client) -> None:
    save_reseller_access(
        actor=world.admin,
        customer=world.customer,
        desired=[Desired(world.reseller.pk, None, False, world.console().generation)],
    )
    answer = admin.post(url_of("access_review_begin", world.customer), follow=True)
    assert "There is nothing to review" in answer.content.decode()


def test_R22_some_are_saved_and_finishing_is_offered_when_all_are_decided(world: World, admin: Client) -> None:
    open_everything(world)
    review = begin(world)
    kept = sent(line(review, "console"), seen=world.console().generation, decision="keep", note="Phones <b>")
    answer = admin.post(page(review), kept, follow=True)
    says = main_text_of(answer)
    assert "1 of 3" in says
    assert "Phones &lt;b&gt;" in says
    assert "Finish the review" not in says
    assert world.admin.user.email in says
    rest = sent(line(review, "subscription"), line(review, "contract"), decision="remove")
    says = main_text_of(admin.post(page(review), rest, follow=True))
    assert "3 of 3" in says
    assert "Finish the review" in says
    says = main_text_of(admin.post(page(review, "access_review_finish"), follow=True))
    assert "Finished" in says
    assert "Finish the review" not in says
    assert admin.post(page(review), kept).status_code in (302, 409)
    listed = main_text_of(admin.get(url_of("access_reviews", world.customer)))
    assert "1 kept 2 removed" in listed


def test_R22_narrow_from_the_page(world: World, admin: Client) -> None:
    review = begin(world)
    narrowed = sent(
        line(review, "console"), seen=world.console().generation, decision="narrow", level="view", lasts="168"
    )
    assert admin.post(page(review), narrowed).status_code == 302
    assert (world.console().level, line(review, "console").new_level) == (Level.VIEW, Level.VIEW)
    [row] = lines_of(admin.get(page(review)))
    assert "View only, until" in row


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"note": "Why not"}, "Choose a decision for what you noted."),
        ({"decision": "keep", "note": "x" * 1001}, "at most 1000 characters"),
        ({"decision": "ended"}, "Select a valid choice"),
        ({"decision": "narrow", "level": "everything"}, "Select a valid choice"),
    ],
)
def test_R22_what_is_wrong_is_said_beside_the_line_and_what_was_typed_stays(
    world: World, admin: Client, fields: dict[str, str], says: str
) -> None:
    review = begin(world)
    before = list(ReviewLine.objects.values())
    answer = admin.post(page(review), sent(line(review, "console"), seen=world.console().generation, **fields))
    assert answer.status_code == 422
    html = answer.content.decode()
    assert html.count(says) == 2  # at the top, and beside the line
    assert fields.get("note", "") in html
    assert list(ReviewLine.objects.values()) == before


def test_R22_a_line_that_another_admin_decided_meanwhile(world: World, admin: Client) -> None:
    open_everything(world)
    review = begin(world)
    second = Actor(make_person(world.customer, Role.SUPER_ADMIN))
    decide(second, world.customer, review, choice(line(review, "console"), KEEP, seen=world.console().generation))
    both = sent(line(review, "console"), line(review, "contract"), decision="remove", note="Not used")
    answer = admin.post(page(review), both)
    assert answer.status_code == 409
    says = main_text_of(answer)
    assert f"{second.user.email} has decided this meanwhile: Keep." in says
    assert "You had chosen: Remove (Not used)" in says
    assert "1 line is decided." in answer.content.decode()
    assert line(review, "contract").decision == "remove"
    assert world.console().allowed


def test_R6_R22_a_console_that_changed_meanwhile_comes_back_with_what_was_typed(world: World, admin: Client) -> None:
    review = begin(world)
    shown = world.console().generation
    box = Desired(world.reseller.pk, None, True, shown, Extent(Level.VIEW))
    save_reseller_access(actor=world.admin, customer=world.customer, desired=[box])
    kept = sent(line(review, "console"), seen=shown, decision="keep", note="As before")
    answer = admin.post(page(review), kept)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "Another person changed this access" in html
    assert "View only" in html
    assert "As before" in html
    assert 'value="keep" checked' in html
    # What the page shows now can be kept.
    assert f'name="{line(review, "console").pk}-seen" value="{world.console().generation}"' in html
    again = sent(line(review, "console"), seen=world.console().generation, decision="keep")
    assert admin.post(page(review), again).status_code == 302


def test_R22_lines_can_be_filtered(world: World, admin: Client) -> None:
    open_everything(world)
    review = begin(world)
    decide(world.admin, world.customer, review, choice(line(review, "console"), KEEP, seen=world.console().generation))
    for query, number in (("", 3), ("?show=waiting", 2), ("?show=keep", 1), ("?q=voice", 2), ("?q=nothing", 0)):
        answer = admin.get(page(review) + query)
        assert (query, len([row for row in lines_of(answer) if row])) == (query, number)


def test_R22_after_the_deadline_the_page_says_what_was_undecided(world: World, admin: Client) -> None:
    review = begin(world)
    let_reviews_age(31 * DAY)
    for swept in (1, 0):
        says = main_text_of(admin.get(page(review)))
        assert "Deadline passed" in says
        assert "1 undecided" in says
        assert "nothing was removed" in says
        assert 'type="radio"' not in admin.get(page(review)).content.decode()
        assert sum(overdue_reviews()) == swept
    late = admin.post(page(review), sent(line(review, "console"), decision="keep"), follow=True)
    assert "The deadline of this review has passed" in late.content.decode()


def test_R22_an_auditor_looks_and_changes_nothing(world: World) -> None:
    review = begin(world)
    auditor = signed_in(make_person(world.customer, Role.AUDITOR))
    says = main_text_of(auditor.get(page(review)))
    assert "You can only look" in says
    assert 'type="radio"' not in auditor.get(page(review)).content.decode()
    assert auditor.post(page(review), sent(line(review, "console"), decision="keep")).status_code == 403


def test_R22_a_review_as_csv_runs_no_formula(world: World, admin: Client) -> None:
    review = begin(world)
    note = "=HYPERLINK(1)"
    keep = choice(line(review, "console"), KEEP, seen=world.console().generation, note=note)
    decide(world.admin, world.customer, review, keep)
    text = content_of(admin.get(page(review, "access_review_export"))).decode()
    head, row = text.lstrip("\ufeff").splitlines()
    assert head.startswith("Review,Begun,Deadline,Finished")
    assert f"'{note}" in row
    assert ",Keep," in row
    assert world.admin.user.email in row


def test_R22_the_schedule_from_the_page(world: World, admin: Client) -> None:
    url = url_of("access_review_schedule", world.customer)
    says = main_text_of(admin.post(url, {"months": "6"}, follow=True))
    assert "A review begins every 6 months." in says
    assert "Choose one of the intervals." in admin.post(url, {"months": "5"}, follow=True).content.decode()
    assert "A review begins every" not in main_text_of(admin.post(url, {"months": ""}, follow=True))


def test_P4_R22_a_reseller_reviews_its_staffing(staffed: Staffed) -> None:
    boss = signed_in(staffed.boss.user)
    listed = reverse("staffing_reviews")
    assert f'href="{listed}"' in boss.get(reverse("reseller_staff")).content.decode()
    review_url = boss.post(reverse("staffing_review_begin")).headers["Location"]
    review = Review.objects.get()
    rows = lines_of(boss.get(review_url))
    assert len(rows) == 2
    assert all("Narrow" not in row for row in rows)
    both = sent(line(review, "agent"), line(review, "team"), decision="remove")
    says = main_text_of(boss.post(review_url, both, follow=True))
    assert "2 of 2" in says
    assert boss.post(reverse("staffing_review_finish", args=[review.pk])).status_code == 302
    assert Review.objects.get().result == {"remove": 2}
    text = content_of(boss.get(reverse("staffing_review_export", args=[review.pk]))).decode()
    assert text.count(",Remove,") == 2
    activity = main_text_of(boss.get(reverse("reseller_activity")))
    assert "Review of access finished" in activity


def test_R22_a_stranger_finds_no_review(world: World, staffed: Staffed) -> None:
    theirs, own = begin(world), staffed.begin()
    boss = signed_in(staffed.boss.user)
    assert boss.get(reverse("staffing_review", args=[theirs.pk])).status_code == 404
    assert signed_in(world.admin.user).get(url_of("access_review", world.customer, review_id=own.pk)).status_code == 404


def test_R22_the_audit_log_says_it_in_words(world: World, admin: Client) -> None:
    review = begin(world)
    keep = choice(line(review, "console"), KEEP, seen=world.console().generation, note="Phones")
    decide(world.admin, world.customer, review, keep)
    says = main_text_of(admin.get(url_of("audit_log", world.customer)))
    assert "Decided in a review of access" in says
    assert "Decision: Keep" in says
    assert "Note: Phones" in says
    assert AuditEvent.objects.filter(name=EventName.START_ACCESS_REVIEW, new_value__lines=1).exists()
    record_audit(EventName.CHANGE_REVIEW_SCHEDULE, actor=None, customer=world.customer, new={"review_months": 3})
