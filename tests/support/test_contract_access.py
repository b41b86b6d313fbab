"""R19, S9, S12, R1: what a support contract opens is an access grant like any other, and a super admin's decision."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from accounts.authorisation import permissions_on
from accounts.console_sessions.windows import window_of
from accounts.directory.people import assign_role
from accounts.permissions import Permission
from accounts.roles import CASE_PERMISSIONS, SUPPORT_PARTNER_PERMISSIONS, Role
from subscriptions import lifecycle
from subscriptions.access import desired
from subscriptions.access.comparison import Desired
from subscriptions.access.errors import AccessRefused
from subscriptions.access.overview import overview_of
from subscriptions.access.relation import begin_contract, console_would_open
from subscriptions.lifecycle.customers import edit_customer
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.grant import Basis
from subscriptions.models.subscription import Plan
from support import partners
from support.migration import migrate_customer
from support.models import SupportAssignment
from support.scope import services_open_to
from tests.access.world import propagate, sell
from tests.cast import Cast
from tests.factories import fresh
from tests.openings import openings
from tests.support.contract_console import contract, enters, left_over_manager, move, save, switch, works_on_cases
from tests.support.world import CLOUD, VOICE, acting, active, ask, confirm


def test_S12_a_contract_that_moves_opens_the_console_by_a_grant_that_the_page_names(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    assert not enters(cast)
    assert not AccessGrant.objects.exists()
    migrate_customer(actor=None, customer=cast.acme.customer)
    assert not enters(cast)  # the queue is the same: a worker opens it
    propagate()
    agent = fresh(cast.resale_one.agent)
    assert permissions_on(agent, cast.acme.customer) == SUPPORT_PARTNER_PERMISSIONS
    [section] = overview_of(cast.acme.customer).sections
    assert (section.reseller, section.contracts) == (cast.resale_one.reseller, ["Google Workspace"])
    assert (section.is_support_only, section.console.ticked, section.boxes) == (True, True, [])
    [change] = AccessChange.objects.all()
    assert (change.allowed, change.outcome, change.requested_by_email) == (True, "applied", "")


def test_R19_turn_off_for_all_resellers_ends_it_and_cases_go_on_until_the_partner_is_removed(cast: Cast) -> None:
    contract_ = active(cast.acme, cast.resale_one)
    move(cast)
    assert enters(cast)
    desired.turn_off_for_all_resellers(actor=acting(cast.acme.super_admin), customer=cast.acme.customer)
    propagate()
    assert not enters(cast)
    assert works_on_cases(cast)
    permissions = permissions_on(fresh(cast.resale_one.agent), cast.acme.customer)
    assert permissions == {Permission.KNOW_CUSTOMER, *CASE_PERMISSIONS}
    save(cast, True)
    assert enters(cast)
    partners.remove_support_partner(
        actor=acting(cast.acme.super_admin), customer=cast.acme.customer, assignment_id=contract_.pk
    )
    assert not enters(cast)  # with the next request, no worker needed (S7)
    assert not works_on_cases(cast)
    assert not overview_of(cast.acme.customer).sections
    assert window_of(fresh(cast.resale_one.agent), cast.acme.customer) is None


def test_R8_remove_now_puts_a_support_partner_out_at_once(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    move(cast)
    reseller = cast.resale_one.reseller.pk
    desired.remove_now(actor=acting(cast.acme.super_admin), customer=cast.acme.customer, reseller_id=reseller)
    assert not enters(cast)
    assert works_on_cases(cast)


def test_S7_the_console_ends_with_the_last_contract_and_not_before(cast: Cast) -> None:
    first, second = active(cast.acme, cast.resale_one), active(cast.acme, cast.resale_one, CLOUD)
    move(cast)
    admin, customer = acting(cast.acme.super_admin), cast.acme.customer
    partners.remove_support_partner(actor=admin, customer=customer, assignment_id=first.pk)
    assert enters(cast)
    partners.remove_support_partner(actor=admin, customer=customer, assignment_id=second.pk)
    assert not enters(cast)
    assert switch(cast).ended_at is not None


@pytest.mark.parametrize("allowed", [True, False])
def test_R19_where_the_reseller_sold_something_a_contract_opens_nothing(cast: Cast, allowed: bool) -> None:
    """Neither when it moves nor when the relation ends: the box is on the page then, unticked."""
    sold = sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    if not allowed:
        save(cast, False)
    before = switch(cast).generation
    active(cast.acme, cast.resale_one)
    move(cast)
    assert (enters(cast), switch(cast).generation) == (allowed, before)
    lifecycle.cancel_subscription(actor=None, subscription=sold)
    assert not enters(cast)  # at once
    propagate()
    assert not enters(cast)
    assert works_on_cases(cast)
    [section] = overview_of(cast.acme.customer).sections
    assert (section.is_support_only, section.console.ticked) == (True, False)
    save(cast, True)
    assert permissions_on(fresh(cast.resale_one.agent), cast.acme.customer) == SUPPORT_PARTNER_PERMISSIONS


def test_P4_agents_work_for_the_customer_until_neither_a_sale_nor_a_contract_is_left(cast: Cast) -> None:
    sold = sell(cast.acme.customer, cast.resale_one.reseller)
    assignment = active(cast.acme, cast.resale_one)
    move(cast)
    lifecycle.cancel_subscription(actor=None, subscription=sold)
    save(cast, True)
    assert enters(cast, cast.resale_one.agent)
    remove_as_admin(cast, assignment)
    contract(cast, opens_console=True)
    assert enters(cast)
    assert not enters(cast, cast.resale_one.agent)  # staffing is not back by itself


def test_S7_removing_the_contract_leaves_what_a_sale_carries(cast: Cast) -> None:
    assignment = active(cast.acme, cast.resale_one)
    move(cast)
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    assert switch(cast).basis == Basis.BOTH
    partners.remove_support_partner(
        actor=acting(cast.acme.super_admin), customer=cast.acme.customer, assignment_id=assignment.pk
    )
    assert (enters(cast), switch(cast).basis) == (True, Basis.RELATION)


@pytest.mark.parametrize("default", [True, False])
@pytest.mark.parametrize("last_word", ["nothing", "off", "on"])
def test_R1_a_sale_ticks_no_box_of_a_contract(cast: Cast, settings: Any, last_word: str, default: bool) -> None:
    """The relation's rules take over, never wider than what the contract's switch says."""
    settings.RESELLER_ACCESS_DEFAULT = default
    active(cast.acme, cast.resale_one)
    move(cast)
    for allowed in {"off": [False], "on": [False, True]}.get(last_word, []):
        save(cast, allowed)
    as_partner = window_of(fresh(cast.resale_one.agent), cast.acme.customer)
    opens = console_would_open(cast.acme.customer, cast.resale_one.reseller)
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    stays_open = default and last_word != "off"
    assert enters(cast) is stays_open
    assert opens is (None if stays_open or last_word == "off" else False), "what the preview of a transfer says"
    if stays_open:
        assert Permission.ASSIGN_LICENCES in permissions_on(fresh(cast.resale_one.agent), cast.acme.customer)
        as_agent = window_of(fresh(cast.resale_one.agent), cast.acme.customer)
        assert (as_partner.as_support_partner, as_agent.as_support_partner) == (True, False)
        assert as_partner.name != as_agent.name, "anyone who was inside as a partner enters again as an agent (R15)"


def test_R1_a_contract_that_no_super_admin_opened_is_not_opened_by_a_sale(cast: Cast) -> None:
    asked = ask(cast.acme, cast.resale_one)
    move(cast)
    confirm(asked)
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    assert not enters(cast)
    assert not switch(cast).allowed


@pytest.mark.parametrize("refused", [True, False])
def test_R1_a_contract_that_moves_opens_nothing_where_an_ended_relation_was_refused(cast: Cast, refused: bool) -> None:
    sold = sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    if refused:
        save(cast, False)
    lifecycle.cancel_subscription(actor=None, subscription=sold)
    active(cast.acme, cast.resale_one)
    move(cast)
    assert enters(cast) is not refused
    assert [section.console.ticked for section in overview_of(cast.acme.customer).sections] == [not refused]


def test_R1_a_sale_after_a_refused_contract_begins_closed(cast: Cast) -> None:
    assignment = active(cast.acme, cast.resale_one)
    move(cast)
    save(cast, False)
    admin = acting(cast.acme.super_admin)
    partners.remove_support_partner(actor=admin, customer=cast.acme.customer, assignment_id=assignment.pk)
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    assert not enters(cast)


def test_S12_a_new_contract_opens_the_console_where_a_super_admin_ticks_its_box(cast: Cast) -> None:
    move(cast)
    made = contract(cast, opens_console=True)
    assert enters(cast)
    assert AccessChange.objects.get().requested_by == cast.acme.super_admin
    remove_as_admin(cast, made)
    contract(cast, opens_console=False)
    assert not enters(cast)
    assert works_on_cases(cast)
    # Unticked is a decision: a sale does not open what it closed.
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    assert not enters(cast)


def remove_as_admin(cast: Cast, made: SupportAssignment) -> None:
    admin = acting(cast.acme.super_admin)
    partners.remove_support_partner(actor=admin, customer=cast.acme.customer, assignment_id=made.pk)


def test_S12_a_new_contract_changes_no_switch_that_there_is(cast: Cast) -> None:
    active(cast.acme, cast.resale_one)
    move(cast)
    save(cast, False)
    contract(cast, opens_console=True, service=VOICE)
    assert not enters(cast)
    [section] = overview_of(cast.acme.customer).sections
    assert section.contracts == ["Google Voice", "Google Workspace"]


def test_S12_a_request_from_before_the_move_that_is_confirmed_after_it_opens_cases_only(cast: Cast) -> None:
    asked = ask(cast.acme, cast.resale_one)
    move(cast)
    assert not AccessGrant.objects.exists()
    confirm(asked)
    propagate()
    assert not enters(cast)
    assert works_on_cases(cast)
    save(cast, True)
    assert enters(cast)


def test_R5_only_a_super_admin_opens_a_console_with_a_contract(cast: Cast) -> None:
    move(cast)
    for person in (left_over_manager(cast), cast.acme.auditor, cast.resale_one.admin, cast.operator):
        for opens in (True, False):
            with pytest.raises(PermissionDenied):
                begin_contract(
                    actor=acting(person),
                    customer=cast.acme.customer,
                    reseller=cast.resale_one.reseller,
                    opens=opens,
                )


def test_S9_a_partner_that_sold_nothing_gets_no_subscription_and_sells_none(cast: Cast) -> None:
    own = sell(cast.acme.customer, None, "1010330004")
    active(cast.acme, cast.resale_one)
    move(cast)
    box = Desired(cast.resale_one.reseller.pk, own.pk, True, 0)
    with pytest.raises(AccessRefused, match="only supports you"):
        desired.save_reseller_access(
            actor=acting(cast.acme.super_admin),
            customer=cast.acme.customer,
            desired=[box],
            agreed=[cast.resale_one.reseller.pk],
        )
    from_reseller = acting(cast.resale_one.admin)
    offer = lifecycle.Offer(own.sku, Plan.FLEXIBLE, 5)
    with pytest.raises(PermissionDenied):
        lifecycle.order_subscription(
            actor=from_reseller, customer=cast.acme.customer, reseller=cast.resale_one.reseller, offer=offer
        )
    with pytest.raises(PermissionDenied):
        edit_customer(actor=from_reseller, customer=cast.acme.customer, postal_address="1 Elsewhere", phone_number="")


def test_S6_the_console_of_a_contract_opens_the_cases_of_its_service_only(cast: Cast) -> None:
    active(cast.acme, cast.resale_one, CLOUD)
    move(cast)
    assert services_open_to(fresh(cast.resale_one.agent), cast.acme.customer) == {CLOUD}
    assert services_open_to(fresh(cast.resale_one.support_agent), cast.acme.customer) == {CLOUD}


def test_P4_whoever_does_not_work_for_the_customer_enters_no_console_by_a_contract(cast: Cast) -> None:
    """Also a person who works on cases of every customer, and in the consoles of some."""
    one = cast.resale_one
    assign_role(actor=None, person=one.support_agent, role=Role.RESELLER_AGENT)
    active(cast.acme, one)
    move(cast)
    inside = {person.name for person in one.people if enters(cast, person)}
    assert inside == {one.admin.name, one.indirect_admin.name, one.agent.name, one.colleague.name}


def test_R19_the_page_names_everybody_who_can_enter_at_every_step(cast: Cast) -> None:
    """What was built against: a partner inside while every box is off, that no page names."""
    sold = sell(cast.acme.customer, cast.resale_two.reseller)
    active(cast.acme, cast.resale_one)
    active(cast.acme, cast.resale_two, CLOUD)
    active(cast.globex, cast.resale_one)
    seen = set()
    steps = [
        lambda: move(cast),
        lambda: migrate_customer(actor=None, customer=cast.globex.customer),
        propagate,
        lambda: lifecycle.cancel_subscription(actor=None, subscription=sold),
        lambda: sell(cast.acme.customer, cast.resale_one.reseller),
        lambda: save(cast, False),
        lambda: desired.turn_off_for_all_resellers(
            actor=acting(cast.globex.super_admin), customer=cast.globex.customer
        ),
        propagate,
    ]
    for step in steps:
        step()
        found = openings()
        assert [opening for opening in found if not opening.is_named] == []
        seen |= {(opening.customer, opening.reseller) for opening in found}
    assert len(seen) == 3
    assert openings() == []
