"""What is wrong with the access that a customer gives, found at the moment of the question."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import organisations
from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.clock import database_now
from accounts.figures import only_super_admin
from accounts.models import User
from accounts.roles import Role
from subscriptions.access import desired, policy, propagation
from subscriptions.access.findings import Question, findings_of
from subscriptions.access.overview import overview_of
from subscriptions.access.remedies import WORDS
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import FailureReason, Outcome
from subscriptions.models.finding import FindingKind
from subscriptions.models.grant import Basis
from subscriptions.models.level import Level
from subscriptions.reviews.finishing import overdue_reviews
from tests.access.boxes import console, save
from tests.access.findings_world import found, kinds, pass_days, visit
from tests.access.narrowing import open_as_far_as, settle
from tests.access.world import World, make_world, sell
from tests.factories import put_customer, put_person, put_reseller
from tests.reviews.world import KEEP, begin, choice, decide, let_reviews_age, line


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    put_person(world.customer, Role.SUPER_ADMIN)
    return world


def test_a_fresh_account_has_no_finding(world: World) -> None:
    assert found(world) == []
    pass_days(29)
    assert found(world) == []


# --- Not used -----------------------------------------------------------------------------------------------


def test_what_nobody_used_for_30_days_gets_an_end_and_for_90_is_removed(world: World) -> None:
    pass_days(30)
    [finding] = found(world)
    assert (finding.kind, finding.remedy.page, finding.form["end"]) == (FindingKind.UNUSED, "reseller_access", "720")
    assert "in the 30 days since it was opened" in finding.says
    pass_days(60)
    [finding] = found(world)
    assert (finding.kind, finding.remedy.page) == (FindingKind.LONG_UNUSED, "reseller_access_remove_now")
    assert "in the 90 days" in finding.says
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    assert found(world) == []


def test_a_visit_is_use_and_the_days_count_from_the_last_one(world: World) -> None:
    pass_days(50)
    visit(world)
    assert kinds(world) == []
    pass_days(47)
    [finding] = found(world)
    assert "has not used its access for 47 days" in finding.says
    before = finding.facts
    visit(world)
    pass_days(31)
    assert found(world)[0].facts != before


def test_S5_work_on_cases_is_use_but_of_a_contract_it_is_none(world: World) -> None:
    pass_days(100)
    question = Question(
        world.customer, overview_of(world.customer), {world.reseller.pk: database_now()}, lambda path: None
    )
    assert findings_of(question) == []
    AccessGrant.objects.filter(pk=world.console().pk).update(basis=Basis.CONTRACT)
    question = Question(world.customer, overview_of(world.customer), question.case_work, question.opens)
    assert FindingKind.LONG_UNUSED in [finding.kind for finding in findings_of(question)]


def test_what_has_an_end_or_is_closed_already_is_not_called_unused(world: World) -> None:
    open_as_far_as(world, end=timedelta(days=90))
    settle()
    pass_days(40)
    assert kinds(world) == []
    save(world, console(world, False))
    pass_days(60)
    assert kinds(world) == []


# --- Wider than what was used -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "event", "level"),
    [
        (["", "users/"], None, Level.VIEW),
        ([""], EventName.CREATE_CASE, Level.CASES),
        (["users/"], EventName.RESET_PASSWORD, Level.HELP_DESK),
        (["licences/"], EventName.USER_LICENSE_ASSIGNMENT, Level.LICENCES),
        (["users/new/"], None, Level.DIRECTORY),
        (["users/new/", "licences/"], EventName.USER_LICENSE_ASSIGNMENT, None),
        (["gone/"], None, None),
        (["users/"], EventName.CHANGE_ACCESS_POLICY, None),
    ],
)
def test_R18_the_narrowest_level_that_opens_all_that_was_used_is_suggested(
    world: World, paths: list[str], event: EventName | None, level: Level | None
) -> None:
    pass_days(91)
    session = visit(world, *paths)
    if event:
        with transaction.atomic():
            actor = Actor(world.agent, console_session_id=session.pk)
            record_audit(event, actor=actor, customer=world.customer)
    findings = [finding for finding in found(world) if finding.kind == FindingKind.WIDER]
    assert [finding.form["level"] for finding in findings] == ([level] if level else [])
    if level:
        assert findings[0].remedy_label == f"Narrow to “{level.label}”"
        assert "Open is “Everything”" in findings[0].detail


def test_what_is_younger_than_90_days_is_not_called_wide(world: World) -> None:
    pass_days(89)
    visit(world, "users/")
    assert kinds(world) == []
    pass_days(2)
    assert kinds(world) == ["wider"]
    open_as_far_as(world, Level.DIRECTORY)
    settle()
    assert kinds(world) == []


def test_of_a_visit_without_a_record_nothing_follows(world: World) -> None:
    pass_days(91)
    visit(world, "users/")
    visit(world, keeps_record=False)
    assert kinds(world) == []


def test_what_others_did_here_and_the_same_reseller_elsewhere_says_nothing(world: World) -> None:
    other = make_world()
    pass_days(91)
    visit(world, "users/")
    visit(world, "users/new/", agent=other.agent)
    visit(other, "users/new/", agent=world.agent)
    assert [finding.form["level"] for finding in found(world) if finding.box] == [Level.VIEW]


# --- The others ---------------------------------------------------------------------------------------------


def test_R16_what_ends_within_a_week_is_said_but_not_of_what_was_given_for_a_day(world: World) -> None:
    open_as_far_as(world, end=timedelta(days=30))
    settle()
    visit(world)
    pass_days(20)
    assert kinds(world) == []
    pass_days(5)
    [finding] = found(world)
    assert (finding.kind, finding.form["end"]) == (FindingKind.ENDS_SOON, "720")
    brief = make_world()
    put_person(brief.customer, Role.SUPER_ADMIN)
    save(brief, console(brief, False))
    settle()
    open_as_far_as(brief, end=timedelta(days=1))
    propagation.apply_due_changes()
    assert kinds(brief) == []


def test_no_end_is_said_after_a_year_or_where_the_rules_have_a_longest(world: World) -> None:
    visit(world, "users/new/", "licences/")
    assert kinds(world) == []
    policy.change_access_policy(
        actor=world.admin, customer=world.customer, longest=timedelta(days=90), level=Level.FULL, lasts=None
    )
    [finding] = found(world)
    assert (finding.kind, finding.form["end"]) == (FindingKind.NO_END, str(90 * 24))
    assert "90 days" in finding.detail
    policy.change_access_policy(actor=world.admin, customer=world.customer, longest=None, level=Level.FULL, lasts=None)
    pass_days(364)
    with transaction.atomic():
        session = visit(world, "users/new/")
        actor = Actor(world.agent, console_session_id=session.pk)
        record_audit(EventName.USER_LICENSE_ASSIGNMENT, actor=actor, customer=world.customer)
    assert kinds(world) == []
    pass_days(1)
    [finding] = found(world)
    assert finding.kind == FindingKind.NO_END
    assert "for 365 days" in finding.detail


def test_R22_what_a_review_keeps_is_decided(world: World) -> None:
    visit(world, "users/new/")
    pass_days(366)
    visit(world, "users/new/")
    assert kinds(world) == [FindingKind.WIDER]
    review = begin(world)
    kept = choice(line(review, "console"), KEEP, seen=world.console().generation)
    assert not decide(world.admin, world.customer, review, kept).refused
    assert kinds(world) == []


def test_R22_what_a_review_left_is_a_finding_until_the_next_one(world: World) -> None:
    begin(world)
    assert FindingKind.REVIEW not in {finding.kind for finding in found(world)}
    let_reviews_age(timedelta(days=31))
    [left] = [finding for finding in found(world) if finding.kind == FindingKind.REVIEW]
    assert left.said["number"] == 1
    list(overdue_reviews())
    assert FindingKind.REVIEW in {finding.kind for finding in found(world)}
    begin(world)
    assert FindingKind.REVIEW not in {finding.kind for finding in found(world)}


def test_R13_a_suspended_reseller_that_is_still_ticked(world: World) -> None:
    pass_days(100)
    organisations.suspend_reseller(actor=None, reseller=world.reseller)
    [finding] = found(world)
    assert (finding.kind, finding.remedy.acts) == (FindingKind.SUSPENDED, True)
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    assert kinds(world) == []


def test_R9_a_failed_change_of_a_console_or_a_subscription(world: World) -> None:
    for grant in AccessGrant.objects.filter(customer=world.customer):
        AccessGrant.objects.filter(pk=grant.pk).update(effective_from=None)
        AccessChange.objects.filter(grant=grant, generation=grant.generation).update(
            outcome=Outcome.FAILED, failure_reason=FailureReason.GAVE_UP
        )
    [finding] = found(world)
    assert (finding.kind, finding.remedy.page) == (FindingKind.FAILED, "reseller_access_retry")
    assert "tried several times" in finding.detail
    desired.retry_failed(
        actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk, subscription_id=None
    )
    assert kinds(world) == []


def test_S12_a_contract_that_opened_the_console_by_itself_until_an_admin_decides(world: World) -> None:
    AccessGrant.objects.filter(pk=world.console().pk).update(basis=Basis.CONTRACT)
    assert kinds(world) == ["contract"]
    open_as_far_as(world, Level.VIEW)
    settle()
    assert kinds(world) == []


def test_P7_only_one_super_admin_is_said_of_active_ones(world: World) -> None:
    assert only_super_admin(world.customer) is None
    User.objects.filter(pk=world.admin.user.pk).update(is_active=False)
    [finding] = found(world)
    assert finding.kind == FindingKind.ONLY_ADMIN
    assert only_super_admin(world.customer) != world.admin.user
    assert only_super_admin(put_customer()) is None


def test_every_kind_has_its_words_and_a_console_has_one_finding(world: World) -> None:
    assert set(WORDS) == set(FindingKind)
    pass_days(400)
    visit(world, "users/")
    assert kinds(world) == ["wider"]


def test_as_many_queries_for_one_reseller_as_for_ten(world: World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert kinds(world).count("wider") == len(overview_of(world.customer).sections)
        return len(captured)

    pass_days(91)
    visit(world, "users/")
    few = queries()
    assert few <= 16
    for _ in range(9):
        reseller = put_reseller()
        sell(world.customer, reseller)
        agent = put_person(reseller, Role.RESELLER_AGENT)
        propagation.apply_due_changes()
        visit(world, "users/", agent=agent)
    AccessGrant.objects.update(effective_from=database_now() - timedelta(days=91))
    AccessChange.objects.update(requested_at=database_now() - timedelta(days=91))
    assert queries() == few
