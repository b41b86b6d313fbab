"""A customer with two super admins that demands two people (R21)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import F

from accounts.actor import Actor
from accounts.directory.people import suspend_user, unassign_role
from accounts.models import PastSuperAdmin, Proposal
from accounts.models.two_people import Demand
from accounts.roles import Role
from accounts.two_people.answering import Answered, approve, decide_alone
from accounts.two_people.rule import change_two_people
from subscriptions.access.comparison import Desired
from subscriptions.access.extent import Extent
from tests.access.boxes import console, save
from tests.access.world import World, make_world, propagate
from tests.factories import make_person

REASON = "Bruno left, and the printers stand still."


@dataclass
class Two:
    """A world with its super admin Ana, who proposes, and Bruno, who answers. Access is off."""

    world: World
    ana: Actor
    bruno: Actor

    def demand(self, *demands: Demand) -> None:
        change_two_people(actor=self.ana, customer=self.world.customer, demands=demands)

    def propose(self, extent: Extent | None = None) -> Proposal:
        """Ana ticks the box; by default everything, without an end."""
        saved = save(self.world, box(self.world, extent), actor=self.ana)
        assert saved.proposal is not None
        return saved.proposal

    def approve(self, proposal: Proposal, actor: Actor | None = None) -> Answered:
        return approve(actor=actor or self.bruno, customer=self.world.customer, proposal_id=proposal.pk)

    def unmake_bruno(self) -> None:
        unassign_role(actor=self.ana, person=self.bruno.user, role=Role.SUPER_ADMIN)

    def suspend_bruno(self) -> None:
        suspend_user(actor=self.ana, person=self.bruno.user)

    def decide_alone(self, proposal: Proposal, reason: str = REASON) -> Answered:
        return decide_alone(actor=self.ana, customer=self.world.customer, proposal_id=proposal.pk, reason=reason)


def box(world: World, extent: Extent | None = None) -> Desired:
    """The box of the console, ticked by a person who has just opened the page."""
    return replace(console(world, True), extent=extent)


def make_two(demands: Collection[Demand] = (Demand.ACCESS,)) -> Two:
    world = make_world()
    save(world, console(world, False))
    propagate()
    two = Two(world, world.admin, Actor(make_person(world.customer, Role.SUPER_ADMIN)))
    if demands:
        two.demand(*demands)
    return two


def let_proposals_age(by: timedelta) -> None:
    """Let time pass for every proposal, and for those who were super admins."""
    Proposal.objects.update(made_at=F("made_at") - by, expires_at=F("expires_at") - by)
    PastSuperAdmin.objects.update(ended_at=F("ended_at") - by)


def status_of(proposal: Proposal) -> str:
    proposal.refresh_from_db()
    return proposal.status
