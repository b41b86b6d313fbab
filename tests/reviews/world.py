"""Reviews as tests begin and decide them, and a reseller with an agent and a team (R22)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now

from accounts import staffing
from accounts.actor import Actor
from accounts.models import Customer, Reseller, Team, User
from accounts.roles import Role
from subscriptions.models import Review, ReviewLine, ReviewSchedule
from subscriptions.models.review import Decision
from subscriptions.reviews.beginning import begin_review
from subscriptions.reviews.deciding import Decided, decide_lines
from subscriptions.reviews.kinds import Choice
from subscriptions.reviews.scope import Owner
from support.models import SupportAssignment
from support.models.partner import AssignmentStatus, Service
from tests.access.boxes import own, save
from tests.access.world import World, propagate
from tests.factories import make_customer, make_person, make_reseller, make_team

DAY = timedelta(days=1)
KEEP, NARROW, REMOVE = Decision.KEEP, Decision.NARROW, Decision.REMOVE


def open_everything(world: World) -> SupportAssignment:
    """The console, a box and a support contract, all in effect."""
    save(world, own(world, True))
    propagate()
    return SupportAssignment.objects.create(
        customer=world.customer,
        service=Service.GOOGLE_VOICE,
        reseller=world.reseller,
        status=AssignmentStatus.ACTIVE,
        requested_by=world.admin.user,
        active_since=Now(),
    )


def begin(world: World) -> Review:
    return begin_review(actor=world.admin, owner=world.customer)


def line(review: Review, kind: str) -> ReviewLine:
    return ReviewLine.objects.get(review=review, kind=kind)


def choice(line: ReviewLine, decision: Decision, *, seen: int = 0, **more: Any) -> Choice:
    return Choice(line.pk, decision, seen=seen, **more)


def decide(actor: Actor, owner: Owner, review: Review, *choices: Choice) -> Decided:
    return decide_lines(actor=actor, owner=owner, review_id=review.pk, choices=choices)


def let_reviews_age(by: timedelta) -> None:
    """Let time pass for every open review, and for the schedules."""
    open_ones = Review.objects.filter(finished_at=None)
    open_ones.update(began_at=F("began_at") - by, deadline=F("deadline") - by)
    ReviewSchedule.objects.update(next_at=F("next_at") - by)


@dataclass
class Staffed:
    """A reseller with an admin, an agent who works for the first customer, and a team for the second."""

    reseller: Reseller
    boss: Actor
    agent: User
    team: Team
    customers: list[Customer]

    def begin(self) -> Review:
        return begin_review(actor=self.boss, owner=self.reseller)


@pytest.fixture
def staffed(db: None) -> Staffed:
    return make_staffed()


def make_staffed() -> Staffed:
    reseller = make_reseller()
    boss, agent = make_person(reseller, Role.RESELLER_ADMIN), make_person(reseller, Role.RESELLER_AGENT)
    customers = [make_customer("Acme"), make_customer("Globex")]
    staffing.assign_customers_to_agent(actor=None, agent=agent, customers=customers[:1])
    team = make_team(reseller, agent, name="North", customers=customers[1:])
    return Staffed(reseller, Actor(boss), agent, team, customers)
