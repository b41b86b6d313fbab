"""Who may decide that, beside what is decided: requests, two people, and a second super admin who comes and goes.

What the console itself does is in extent_machine.py; here everybody acts at once on the same one (R17, R21).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.directory.people import assign_role, unassign_role
from accounts.errors import Refused
from accounts.models import Proposal
from accounts.models.two_people import Demand
from accounts.roles import Role
from accounts.two_people import answering as two_people
from accounts.two_people.demands import demands_of, super_admins_of
from accounts.two_people.reading import waiting_proposals_of
from accounts.two_people.rule import change_two_people
from subscriptions.access.answering import approve
from subscriptions.access.errors import AccessRefused
from subscriptions.access.extent import Extent, desired_of, is_over
from subscriptions.access.held import needs_two
from subscriptions.access.requests import open_requests_to
from subscriptions.models import AccessChange
from subscriptions.models.level import Level
from tests.access.extent_machine import CRASH, OneConsole
from tests.access.requests_world import chosen, let_requests_age, request_access
from tests.access.two_people_world import REASON, let_proposals_age
from tests.access.world import make_world
from tests.factories import fresh, make_person

# How an answer may be refused.
REFUSALS = (Refused, AccessRefused, PermissionDenied)


class Everybody(OneConsole):
    """The same console, with a reseller that asks for it, and two super admins who may need each other."""

    second: Actor

    @property
    def demanded(self) -> bool:
        return Demand.ACCESS in demands_of(self.world.customer)

    def decide(self, crash: int, verb: Callable[[], object], *, by_two: bool = False) -> list[AccessChange]:
        """As before; while two people are demanded, one of them alone never makes it wider than both allow (R21)."""
        grant, demanded = self.world.console(), self.demanded
        before = desired_of(grant) if grant.allowed and not is_over(grant, database_now()) else None
        changes = super().decide(crash, verb)
        for change in changes if demanded and not by_two else ():
            wanted = desired_of(change)
            is_within = before is not None and before.holds(wanted)
            assert not change.allowed or is_within or not needs_two(wanted), "R21: one person gave that alone"
        return changes

    @rule(on=st.booleans(), crash=CRASH)
    def two_people_are_demanded_or_not(self, on: bool, crash: int) -> None:
        """To demand less waits for the second one itself."""
        demands = {Demand.ACCESS} if on else set()

        def verb() -> None:
            with suppress(Refused):
                change_two_people(actor=self.world.admin, customer=self.world.customer, demands=demands)

        before = self.demanded
        self.attempt(crash, verb)
        assert self.demanded >= before, "R21: one person alone demanded less"

    @rule(is_one=st.booleans(), crash=CRASH)
    def the_second_is_made_or_unmade(self, is_one: bool, crash: int) -> None:
        person = fresh(self.second.user)
        if is_one:
            self.attempt(crash, lambda: assign_role(actor=None, person=person, role=Role.SUPER_ADMIN))
        else:
            admin = self.world.admin
            self.attempt(crash, lambda: unassign_role(actor=admin, person=person, role=Role.SUPER_ADMIN))

    @rule(by_author=st.booleans(), alone=st.booleans(), crash=CRASH)
    def a_proposal_is_answered(self, by_author: bool, alone: bool, crash: int) -> None:
        """By the other one; by its author only in an emergency, when nobody else is left."""
        proposal = waiting_proposals_of(self.world.customer).order_by("-pk").first()
        if proposal is None:
            return
        actor = self.world.admin if by_author else Actor(fresh(self.second.user))
        with_reason = {"reason": REASON} if alone else {}
        verb = two_people.decide_alone if alone else two_people.approve
        admins, done = super_admins_of(self.world.customer).count(), []

        def answer() -> None:
            with suppress(*REFUSALS):
                verb(actor=actor, customer=self.world.customer, proposal_id=proposal.pk, **with_reason)
                done.append(proposal)

        self.decide(crash, answer, by_two=True)
        if Proposal.objects.get(pk=proposal.pk).answered_by_id == actor.user.pk and done:
            assert (admins == 1) if alone else not by_author, "R21: nobody approves their own"

    @rule(level=st.sampled_from(Level), lasts=st.sampled_from([None, timedelta(days=7)]), crash=CRASH)
    def the_reseller_asks(self, level: Level, lasts: timedelta | None, crash: int) -> None:
        def verb() -> None:
            with suppress(*REFUSALS):
                request_access(self.world, actor=Actor(fresh(self.world.agent)), extent=Extent(level, lasts=lasts))

        assert not self.decide(crash, verb), "R17: asking opens nothing"

    @rule(level=st.sampled_from(Level), crash=CRASH)
    def a_request_is_approved(self, level: Level, crash: int) -> None:
        asked = open_requests_to(self.world.customer).first()
        if asked is None:
            return
        answer = chosen(asked, level, asked.lasts)

        def verb() -> None:
            with suppress(*REFUSALS):
                approve(actor=self.world.admin, customer=self.world.customer, request_id=asked.pk, answer=answer)

        self.decide(crash, verb)

    @rule(how=st.sampled_from([timedelta(hours=9), timedelta(hours=73), timedelta(days=15)]))
    def what_waits_grows_old(self, how: timedelta) -> None:
        let_proposals_age(how)
        let_requests_age(how)


@pytest.mark.django_db
def test_R16_R18_R20_R21_no_order_of_events_opens_more_than_was_decided() -> None:
    with transaction.atomic():
        world = make_world()
        Everybody.world, Everybody.second = world, Actor(make_person(world.customer, Role.SUPER_ADMIN))
        run_state_machine_as_test(
            Everybody,
            settings=settings(
                max_examples=25,
                stateful_step_count=20,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate, Phase.shrink],
            ),
        )
