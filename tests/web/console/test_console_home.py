"""The home of a console: who from outside has access, what needs a decision, seats and people (R1, R3, R14, S6, S9)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.figures import people_figures
from accounts.models import Customer, Device, OrgUnit, Reseller, User
from accounts.organisations import suspend_reseller
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.access import propagation
from subscriptions.figures import subscription_figures
from subscriptions.models import AccessChange, AccessGrant, Licence, Subscription
from subscriptions.models.change import FailureReason, Outcome
from subscriptions.models.subscription import Plan, Status
from support.models import Case
from support.models.case import State
from tests.access.world import sell
from tests.cast import Cast
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.factories import make_customer, make_person, make_reseller
from tests.support.world import CLOUD, WORKSPACE, active, ask, make_case, move, open_console
from web.console.outsiders import Outside, outside_of

EVERYTHING = frozenset(Permission)


def home(person: User, customer: Customer) -> str:
    response = signed_in(person).get(reverse("console_home", kwargs={"domain": customer.primary_domain}))
    assert response.status_code == 200
    return text(response)


def enter(person: User, customer: Customer) -> Client:
    client = signed_in(person)
    client.post(reverse("enter_console", kwargs={"domain": customer.primary_domain}))
    return client


def said_of(outside: Outside, reseller: Reseller) -> tuple[list[str], int]:
    [found] = [outsider for outsider in outside.outsiders if outsider.reseller == reseller]
    return [service.service for service in found.services], found.use.inside if found.use else 0


# --- Who from outside ---------------------------------------------------------------------------------


def test_S6_partners_stand_beside_resellers_each_with_what_lets_it_in(cast: Cast) -> None:
    acme = cast.acme.customer
    open_console(cast)
    active(cast.acme, cast.resale_one, CLOUD)
    ask(cast.acme, cast.resale_one)
    outside = outside_of(acme, EVERYTHING)
    assert said_of(outside, cast.resale_one.reseller) == ([CLOUD], 0)
    assert [assignment.service for assignment in outside.requests] == [WORKSPACE]
    said = home(cast.acme.super_admin, acme)
    assert "Support partner for Google Cloud Active since" in said
    assert "can be confirmed until" in said


def test_R15_who_is_inside_now_and_who_was_last_there(cast: Cast) -> None:
    acme = cast.acme.customer
    open_console(cast)
    enter(cast.resale_one.admin, acme)
    enter(cast.resale_one.admin, acme)
    left = enter(cast.resale_one.indirect_admin, acme)
    left.post(reverse("leave_console", kwargs={"domain": acme.primary_domain}))
    assert said_of(outside_of(acme, EVERYTHING), cast.resale_one.reseller)[1] == 2
    assert "2 sessions open now" in home(cast.acme.super_admin, acme)
    assert "Last in this console:" in home(cast.acme.auditor, acme)


def test_R13_nobody_of_a_suspended_reseller_has_access_or_is_inside(cast: Cast) -> None:
    acme, reseller = cast.acme.customer, cast.resale_one.reseller
    open_console(cast)
    active(cast.acme, cast.resale_one, CLOUD)
    enter(cast.resale_one.admin, acme)
    assert said_of(outside_of(acme, EVERYTHING), reseller) == ([CLOUD], 1)
    suspend_reseller(actor=None, reseller=reseller)
    assert said_of(outside_of(acme, EVERYTHING), reseller) == ([CLOUD], 0)


def test_S2_who_manages_partners_sees_them_and_nothing_of_resellers(cast: Cast) -> None:
    acme = cast.acme.customer
    seller = make_reseller("Seller")
    sell(acme, seller)
    propagation.apply_due_changes()
    active(cast.acme, cast.resale_one, CLOUD)
    said = home(cast.acme.support_manager, acme)
    assert "Support partner for Google Cloud" in said
    for words in ("Seller", "Reseller access", "session open", "Has never entered", "Latest events", "seats"):
        assert words not in said
    assert "Support partner for" not in home(cast.acme.auditor, acme)


def test_S9_contracts_are_named_as_such_after_the_move(cast: Cast) -> None:
    acme = cast.acme.customer
    active(cast.acme, cast.resale_one, CLOUD)
    move(acme)
    said = home(cast.acme.super_admin, acme)
    assert "Support contract for Google Cloud" in said
    assert "Support contracts" in said
    enter(cast.resale_one.admin, acme)
    assert said_of(outside_of(acme, EVERYTHING), cast.resale_one.reseller) == ([CLOUD], 1)


def test_without_anybody_from_outside_the_page_says_what_would_be_here(cast: Cast) -> None:
    new = make_customer("New")
    make_person(new, Role.SUPER_ADMIN)
    said = home(make_person(new, Role.SUPER_ADMIN), new)
    assert "Only your own admins." in said
    assert "Needs your attention" not in said
    assert "On its way" not in said
    assert "No support partner is active." in home(make_person(new, Role.SUPPORT_MANAGER), new)


# --- What needs a decision ------------------------------------------------------------------------------


def test_what_waits_for_somebody_is_said_to_whom_may_see_it(cast: Cast) -> None:
    acme = cast.acme.customer
    unit = OrgUnit.objects.get(customer=acme, parent=None)
    for number, status in enumerate(["pending", "pending", "approved"]):
        Device.objects.create(customer=acme, org_unit=unit, kind="android", serial_number=str(number), status=status)
    make_case(acme, cast.acme.support_manager)
    Case.objects.filter(pk=make_case(acme, cast.acme.support_manager).pk).update(state=State.ACTION_REQUIRED)
    said = home(cast.acme.super_admin, acme)
    assert "2 devices wait for approval" in said
    assert "1 support case waits for your answer" in said
    said = home(cast.acme.support_manager, acme)
    assert "devices" not in said
    assert "1 support case waits for your answer" in said
    said = home(cast.globex.super_admin, cast.globex.customer)
    assert "devices wait" not in said
    assert "waits for your answer" not in said


def test_R25_a_change_of_access_that_failed_needs_attention(cast: Cast) -> None:
    acme = cast.acme.customer
    open_console(cast)
    assert "could not be given" not in home(cast.acme.super_admin, acme)
    AccessGrant.objects.filter(customer=acme).update(effective_from=None)
    AccessChange.objects.filter(grant__customer=acme).update(
        outcome=Outcome.FAILED, failure_reason=FailureReason.GAVE_UP
    )
    said = home(cast.acme.super_admin, acme)
    assert "Needs your attention" in said
    assert f"{cast.resale_one.reseller.name}" in said.partition("Needs your attention")[2]
    assert "access could not be given Our system tried several times without success." in said
    assert "could not be given" not in home(cast.acme.support_manager, acme)


# --- Seats --------------------------------------------------------------------------------------------


def use(subscription: Subscription, people: list[User], **values: Any) -> None:
    Licence.objects.bulk_create(
        Licence(
            customer_id=subscription.customer_id,
            subscription=subscription,
            user=person,
            product_id=subscription.sku.product_id,
            **values,
        )
        for person in people
    )


def test_B5_seats_in_use_are_those_of_licences_that_were_not_taken_back(cast: Cast) -> None:
    acme = cast.acme.customer
    people = [make_person(acme) for _ in range(10)]
    full, half = sell(acme, cast.resale_one.reseller), sell(acme, None, "1010330004")
    ended = sell(acme, None, "1010430001")
    use(full, people)
    use(half, people[:5])
    use(half, people[5:], revoked_at=timezone.now() + timedelta(hours=1))
    Subscription.objects.filter(pk=ended.pk).update(status=Status.CANCELLED, cancelled_at=timezone.now())
    figures = subscription_figures(Subscription.objects.filter(customer=acme))
    assert [(u.subscription, u.used, u.seats, u.is_full) for u in figures.fullest] == [
        (full, 10, 10, True),
        (half, 5, 10, False),
    ]
    assert (figures.total, figures.used, figures.seats) == (2, 15, 20)
    said = home(cast.acme.super_admin, acme)
    assert "15 of 20 seats have a licence" in said
    assert "All 10 seats of Google Workspace Business Starter are in use" in said


def test_B7_what_ends_within_thirty_days_is_listed_in_its_order(cast: Cast) -> None:
    acme = cast.acme.customer
    days = {"1010020027": 29, "1010330004": 3, "1010430001": 31, "1010470001": -1}
    for sku, number in days.items():
        ends_at = timezone.now() + timedelta(days=number)
        Subscription.objects.filter(pk=sell(acme, None, sku).pk).update(plan=Plan.TRIAL, ends_at=ends_at)
    figures = subscription_figures(Subscription.objects.filter(customer=acme))
    assert [(e.subscription.sku_id, str(e.word)) for e in figures.ending] == [
        ("1010330004", "Trial ends"),
        ("1010020027", "Trial ends"),
    ]


def test_R14_an_agent_counts_only_what_its_reseller_sold(cast: Cast) -> None:
    acme = cast.acme.customer
    open_console(cast)
    rival = sell(acme, make_reseller("Rival Resale"), "1010470001")
    bought = sell(acme, None, "1010330004")
    for subscription in (rival, bought):
        use(subscription, [make_person(acme) for _ in range(10)])
        Subscription.objects.filter(pk=subscription.pk).update(ends_at=timezone.now() + timedelta(days=3))
    client = enter(cast.resale_one.admin, acme)
    said = text(client.get(reverse("console_home", kwargs={"domain": acme.primary_domain})))
    assert "People" in said
    for words in ("Rival", "Gemini", "Voice", "All 10 seats", "of 20", "of 30", "Who has access", "Latest events"):
        assert words not in said


# --- People --------------------------------------------------------------------------------------------


def test_people_are_counted_without_deleted_ones_and_without_strangers(cast: Cast) -> None:
    new = make_customer("New")
    now = timezone.now()
    people = [make_person(new) for _ in range(5)]
    for person in people:
        User.objects.filter(pk=person.pk).update(created_at=now - timedelta(days=500), last_login=now)
    User.objects.filter(pk=people[0].pk).update(created_at=now, last_login=None)
    User.objects.filter(pk=people[1].pk).update(is_active=False, suspended_at=now, last_login=None)
    User.objects.filter(pk=people[2].pk).update(is_active=False, deleted_at=now - timedelta(days=100))
    figures = people_figures(new)
    assert (figures.total, figures.new, figures.suspended, figures.never_signed_in) == (4, 1, 1, 1)
    numbers = [number for _month, number in figures.months]
    assert len(numbers) == 12
    assert (numbers[0], numbers[-2], numbers[-1]) == (4, 3, 4)


def test_months_begin_at_midnight_of_the_readers_time_zone(cast: Cast) -> None:
    new = make_customer("New")
    first = datetime(2026, 12, 1, tzinfo=UTC)
    User.objects.filter(pk=make_person(new).pk).update(created_at=first - timedelta(minutes=30))
    with time_machine.travel(first + timedelta(days=3), tick=False):
        assert people_figures(new).new == 0
        with timezone.override("Europe/Paris"):
            assert people_figures(new).new == 1
