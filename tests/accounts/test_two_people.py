"""R21: making a super admin, and the rule itself, wait for a second super admin where the customer demands that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from accounts.actor import Actor
from accounts.directory.people import (
    assign_role,
    change_roles,
    create_user,
    suspend_user,
    unassign_role,
    unsuspend_user,
)
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer, PastSuperAdmin, User
from accounts.models.two_people import Demand
from accounts.roles import Role
from accounts.two_people.answering import approve
from accounts.two_people.demands import demands_of, needs_second, super_admins_of_late
from accounts.two_people.reading import waiting_proposals_of
from accounts.two_people.rule import change_two_people
from tests.accounts.reading_notices import tell, told, untell
from tests.factories import fresh, make_customer, make_person


@dataclass
class Admins:
    customer: Customer
    ana: Actor
    bruno: Actor
    noah: User

    def demand(self, *demands: Demand, actor: Actor | None = None) -> bool:
        """Save the rule; tell whether it is stricter now."""
        return change_two_people(actor=actor or self.ana, customer=self.customer, demands=demands).is_stricter

    def approve(self) -> None:
        approve(actor=self.bruno, customer=self.customer, proposal_id=waiting_proposals_of(self.customer).get().pk)

    def is_super_admin(self) -> bool:
        return Role.SUPER_ADMIN in fresh(self.noah).roles


@pytest.fixture
def admins(db: None) -> Admins:
    customer = make_customer()
    ana, bruno = (Actor(make_person(customer, Role.SUPER_ADMIN)) for _name in "ab")
    return Admins(customer, ana, bruno, make_person(customer))


@pytest.mark.parametrize("way", ["page of the role", "page of the person", "new person"])
def test_R21_a_new_super_admin_waits_for_the_second(admins: Admins, way: str) -> None:
    admins.demand(Demand.SUPER_ADMINS)
    if way == "page of the role":
        assign_role(actor=admins.ana, person=admins.noah, role=Role.SUPER_ADMIN)
    elif way == "page of the person":
        change_roles(actor=admins.ana, person=admins.noah, roles=[Role.SUPER_ADMIN, Role.AUDITOR])
        assert fresh(admins.noah).roles == {Role.AUDITOR}
    else:
        email = f"new@{admins.customer.primary_domain}"
        roles = [Role.SUPER_ADMIN, Role.AUDITOR]
        admins.noah = create_user(actor=admins.ana, organisation=admins.customer, email=email, name="New", roles=roles)
        assert fresh(admins.noah).roles == {Role.AUDITOR}
    assert not admins.is_super_admin()
    admins.approve()
    assert admins.is_super_admin()
    given = AuditEvent.objects.filter(name="ASSIGN_ROLE", new_value__role="super_admin").latest("pk")
    assert given.actor_id == admins.bruno.user.pk


def test_R21_other_roles_and_taking_a_role_need_no_second(admins: Admins) -> None:
    admins.demand(Demand.SUPER_ADMINS)
    assert assign_role(actor=admins.ana, person=admins.noah, role=Role.AUDITOR) is None
    unassign_role(actor=admins.ana, person=admins.bruno.user, role=Role.SUPER_ADMIN)
    assert not waiting_proposals_of(admins.customer).exists()


def test_R21_a_suspended_super_admin_is_not_restored_by_one(admins: Admins) -> None:
    third = make_person(admins.customer, Role.SUPER_ADMIN)
    admins.demand(Demand.SUPER_ADMINS)
    suspend_user(actor=admins.ana, person=third)
    with pytest.raises(Refused, match="two people"):
        unsuspend_user(actor=admins.ana, person=third)
    unassign_role(actor=admins.ana, person=third, role=Role.SUPER_ADMIN)
    unsuspend_user(actor=admins.ana, person=third)
    assert fresh(third).is_active


def test_P5_R21_the_operators_of_the_vendor_are_outside_of_it(admins: Admins) -> None:
    admins.demand(Demand.SUPER_ADMINS)
    call_command("assign_role", admins.noah.email, "super_admin", verbosity=0)
    assert admins.is_super_admin()


# --- The rule itself ------------------------------------------------------------------------------------------


def test_R21_stricter_at_once_looser_with_a_second(admins: Admins) -> None:
    assert admins.demand(Demand.ACCESS)
    assert admins.demand(Demand.ACCESS, Demand.TRANSFER_TOKENS)
    assert not waiting_proposals_of(admins.customer).exists()
    # One more and one less: the first holds, the second waits.
    assert admins.demand(Demand.SUPER_ADMINS, Demand.TRANSFER_TOKENS)
    assert demands_of(admins.customer) == set(Demand)
    admins.approve()
    assert demands_of(admins.customer) == {Demand.SUPER_ADMINS, Demand.TRANSFER_TOKENS}


def test_R6_R21_what_was_demanded_meanwhile_stays(admins: Admins) -> None:
    admins.demand(Demand.ACCESS)
    admins.demand()
    admins.demand(Demand.ACCESS, Demand.TRANSFER_TOKENS)
    admins.approve()
    assert demands_of(admins.customer) == {Demand.TRANSFER_TOKENS}


def test_R21_it_takes_two_super_admins_to_demand_two(admins: Admins) -> None:
    unassign_role(actor=admins.ana, person=admins.bruno.user, role=Role.SUPER_ADMIN)
    with pytest.raises(Refused, match="one super admin"):
        admins.demand(Demand.ACCESS)
    assert demands_of(admins.customer) == set()


def test_R21_nothing_different_saves_nothing(admins: Admins) -> None:
    admins.demand(Demand.ACCESS)
    before = AuditEvent.objects.count()
    assert not admins.demand(Demand.ACCESS)
    assert AuditEvent.objects.count() == before


def test_R21_only_a_super_admin_changes_it(admins: Admins) -> None:
    auditor = Actor(make_person(admins.customer, Role.AUDITOR))
    with pytest.raises(PermissionDenied):
        admins.demand(Demand.ACCESS, actor=auditor)


def test_R21_one_customer_s_rule_is_no_other_s(admins: Admins) -> None:
    admins.demand(*Demand)
    other = make_customer()
    admin = Actor(make_person(other, Role.SUPER_ADMIN))
    assert demands_of(other) == set()
    assert not any(needs_second(admin, other, demand) for demand in Demand)


def test_R21_who_was_a_super_admin_elsewhere(admins: Admins) -> None:
    other = make_customer()
    first, second = (Actor(make_person(other, Role.SUPER_ADMIN)) for _name in "ab")
    unassign_role(actor=first, person=second.user, role=Role.SUPER_ADMIN)
    assert PastSuperAdmin.objects.get().person == second.user
    assert set(super_admins_of_late(other)) == {first.user, second.user}
    assert set(super_admins_of_late(admins.customer)) == {admins.ana.user, admins.bruno.user}


def test_R21_only_who_was_active_counts_as_one_of_late(admins: Admins) -> None:
    suspend_user(actor=admins.ana, person=admins.bruno.user)
    PastSuperAdmin.objects.update(ended_at="2026-01-01T00:00Z")
    unassign_role(actor=admins.ana, person=admins.bruno.user, role=Role.SUPER_ADMIN)
    assert set(super_admins_of_late(admins.customer)) == {admins.ana.user}


# --- Who hears ------------------------------------------------------------------------------------------------


def test_R25_the_other_hears_of_a_proposal_and_the_author_of_its_answer(admins: Admins) -> None:
    admins.demand(Demand.SUPER_ADMINS)
    untell()
    assign_role(actor=admins.ana, person=admins.noah, role=Role.SUPER_ADMIN)
    tell()
    assert told(admins.bruno.user) == [f"A change waits for another super admin: {admins.noah.email}"]
    assert told(admins.ana.user) == []
    admins.approve()
    tell()
    assert f"A proposal was approved: {admins.noah.email}" in told(admins.ana.user)


def test_R21_a_proposal_is_over_after_72_hours_to_the_second(admins: Admins) -> None:
    admins.demand(Demand.SUPER_ADMINS)
    proposal = assign_role(actor=admins.ana, person=admins.noah, role=Role.SUPER_ADMIN)
    assert proposal is not None
    assert proposal.expires_at - proposal.made_at == timedelta(hours=72)
