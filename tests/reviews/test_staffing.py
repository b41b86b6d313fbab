"""P4, R22: a reseller's admin looks again at who works for whom."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from accounts import staffing
from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import AuditEvent, ConsoleSession
from accounts.roles import Role
from subscriptions.models import ReviewLine
from subscriptions.models.review import LineKind
from subscriptions.reviews.activity import facts_of
from subscriptions.reviews.beginning import begin_review
from subscriptions.reviews.finishing import finish_review, overdue_reviews
from tests.accounts.reading_notices import tell, told, untell
from tests.factories import make_person, make_reseller, make_team
from tests.reviews.world import DAY, KEEP, NARROW, REMOVE, Staffed, choice, decide, let_reviews_age, line


def test_R22_a_review_lists_each_agent_and_team_with_each_customer(staffed: Staffed) -> None:
    other = make_reseller()
    make_team(other, customers=staffed.customers)
    review = staffed.begin()
    found = ReviewLine.objects.filter(review=review).values_list("kind", "about_id", "customer_id", "who", "what")
    acme, globex = staffed.customers
    assert set(found) == {
        ("agent", staffed.agent.pk, acme.pk, staffed.agent.name, "Acme"),
        ("team", staffed.team.pk, globex.pk, "North", "Globex"),
    }


def test_R22_a_team_for_all_customers_is_one_line_and_removing_it_leaves_what_is_listed(staffed: Staffed) -> None:
    staffing.assign_all_customers(actor=None, team=staffed.team)
    review = staffed.begin()
    found = line(review, LineKind.TEAM_FOR_ALL)
    assert (found.about_id, found.customer, found.who, found.what) == (staffed.team.pk, None, "North", "")
    assert not ReviewLine.objects.filter(review=review, kind=LineKind.TEAM).exists()
    # It was used wherever a member was inside.
    for customer in staffed.customers:
        ConsoleSession.objects.create(
            customer=customer, reseller=staffed.reseller, agent=staffed.agent, session_key="x", window="w"
        )
    assert facts_of([found.pk])[found.pk].visits == 2
    assert decide(staffed.boss, staffed.reseller, review, choice(found, REMOVE, note="too wide")).number == 1
    staffed.team.refresh_from_db()
    assert not staffed.team.works_for_all
    assert set(staffing.customers_of_team(staffed.team)) == {staffed.customers[1]}


def test_R22_a_line_says_when_the_agent_and_the_team_were_there_last(staffed: Staffed) -> None:
    review = staffed.begin()
    for customer in staffed.customers:
        ConsoleSession.objects.create(
            customer=customer, reseller=staffed.reseller, agent=staffed.agent, session_key="x", window="w"
        )
    other = make_person(staffed.reseller, Role.RESELLER_AGENT)
    ConsoleSession.objects.create(
        customer=staffed.customers[0], reseller=staffed.reseller, agent=other, session_key="y", window="w"
    )
    lines = [line(review, LineKind.AGENT), line(review, LineKind.TEAM)]
    facts = facts_of([one.pk for one in lines])
    assert [facts[one.pk].visits for one in lines] == [1, 1]
    assert all(facts[one.pk].last_used_at for one in lines)


def test_R22_removing_ends_the_work_and_the_agents_hear_of_it(staffed: Staffed) -> None:
    review = staffed.begin()
    untell()
    removed = [choice(line(review, kind), REMOVE, note="gone") for kind in (LineKind.AGENT, LineKind.TEAM)]
    assert decide(staffed.boss, staffed.reseller, review, *removed).number == 2
    assert not staffing.customers_of(staffed.agent).exists()
    names = AuditEvent.objects.filter(actor_reseller_id=staffed.reseller.pk).order_by("-id").values_list("name")
    assert [name for (name,) in names[:4]].count("UNASSIGN_CUSTOMER") == 2
    assert not AuditEvent.objects.filter(name__contains="REVIEW", customer_id__isnull=False).exists()
    tell()
    assert "You no longer work for Acme" in told(staffed.agent)
    finished = finish_review(actor=staffed.boss, owner=staffed.reseller, review_id=review.pk)
    assert finished.result == {"remove": 2}


def test_R22_staffing_cannot_be_narrowed(staffed: Staffed) -> None:
    review = staffed.begin()
    decided = decide(staffed.boss, staffed.reseller, review, choice(line(review, "agent"), NARROW, level="view"))
    assert (decided.number, len(decided.refused)) == (0, 1)


def test_R22_a_team_that_was_deleted_meanwhile_needs_no_decision(staffed: Staffed) -> None:
    review = staffed.begin()
    staffing.delete_team(actor=None, team=staffed.team)
    [why] = decide(staffed.boss, staffed.reseller, review, choice(line(review, "team"), REMOVE)).refused.values()
    assert "ended meanwhile" in str(why)
    decide(staffed.boss, staffed.reseller, review, choice(line(review, "agent"), KEEP))
    finished = finish_review(actor=staffed.boss, owner=staffed.reseller, review_id=review.pk)
    assert finished.result == {"keep": 1, "ended": 1}


def test_R22_only_admins_of_this_reseller_review_its_staffing(staffed: Staffed) -> None:
    review = staffed.begin()
    keep = choice(line(review, "agent"), KEEP)
    indirect = make_person(staffed.reseller, Role.INDIRECT_RESELLER_ADMIN)
    elsewhere = make_person(make_reseller(), Role.RESELLER_ADMIN)
    for person in (staffed.agent, indirect, elsewhere):
        with pytest.raises(PermissionDenied):
            decide(Actor(person), staffed.reseller, review, keep)
    assert elsewhere.reseller is not None
    with pytest.raises(Refused):
        decide(Actor(elsewhere), elsewhere.reseller, review, keep)
    with pytest.raises(Refused, match="no customer is assigned"):
        begin_review(actor=Actor(elsewhere), owner=elsewhere.reseller)


def test_R22_the_deadline_of_a_reseller_stands_in_its_own_log(staffed: Staffed) -> None:
    staffed.begin()
    let_reviews_age(31 * DAY)
    assert sum(overdue_reviews()) == 1
    [event] = AuditEvent.objects.filter(name="REVIEW_DEADLINE_PASSED")
    assert (event.actor_reseller_id, event.customer_id, event.new_value) == (
        staffed.reseller.pk,
        None,
        {"undecided": 2},
    )
    assert staffing.customers_of(staffed.agent).count() == 2
