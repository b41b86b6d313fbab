"""Assigning and revoking licences: never more than seats, one of a product, and only within the scope (R3)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.locking import CustomerBusy
from accounts.models import AuditEvent, User
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.licensing import assign_licences, change_auto_licence, change_licences_of, revoke_licences
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models import AutoLicence, Licence, Subscription
from subscriptions.models.subscription import Plan, Status
from tests.access.world import World, make_world, propagate, sell, wish
from tests.factories import put_person, put_reseller
from tests.subscriptions.licence_world import (
    CLOUD_IDENTITY_FREE,
    PLUS,
    STANDARD,
    having,
    ids,
    make_people,
    order,
    root_of,
)


def suspend(subscription: Subscription) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(status=Status.SUSPENDED, suspension_reasons=["OTHER"])


def names(customer_id: int) -> list[tuple[str, str, str]]:
    """The events of licences: name, subject, whose."""
    events = AuditEvent.objects.filter(customer_id=customer_id, name__startswith="USER_LICENSE").order_by("id")
    return list(events.values_list("name", "subject", "actor_kind"))


# --- Assigning ---------------------------------------------------------------------------------------


def test_A1_every_licence_has_its_event_about_its_person(world: World) -> None:
    people = make_people(world.customer, 3)
    assert assign_licences(actor=world.admin, subscription=world.sold, people=people) == 3
    assert having(world.sold) == ids(people)
    emails = list(people.values_list("email", flat=True))
    assert names(world.customer.pk) == [("USER_LICENSE_ASSIGNMENT", email, "customer") for email in emails]
    event = AuditEvent.objects.filter(name="USER_LICENSE_ASSIGNMENT").first()
    assert event.new_value == {"SKU_NAME": world.sold.sku.name}
    assert (event.actor_email, event.ip_address) == (world.admin.user.email, "192.0.2.7")


def test_B5_never_more_licences_than_seats_and_the_whole_request_is_refused_with_numbers(world: World) -> None:
    assign_licences(actor=world.admin, subscription=world.sold, people=make_people(world.customer, 8))
    before = having(world.sold)
    with pytest.raises(Refused, match="2 seats are free, and 3 people would need one"):
        assign_licences(actor=world.admin, subscription=world.sold, people=make_people(world.customer, 3))
    assert having(world.sold) == before
    assert assign_licences(actor=world.admin, subscription=world.sold, people=make_people(world.customer, 2)) == 2


def test_people_who_have_one_count_as_done(world: World) -> None:
    people = make_people(world.customer, 10)
    assign_licences(actor=world.admin, subscription=world.sold, people=people)
    assert assign_licences(actor=world.admin, subscription=world.sold, people=people) == 0
    assert len(names(world.customer.pk)) == 10


def test_B5_a_free_plan_has_as_many_as_one_likes(world: World) -> None:
    free = order(world.customer, CLOUD_IDENTITY_FREE, None, Plan.FREE)
    assert assign_licences(actor=world.admin, subscription=free, people=make_people(world.customer, 40)) == 40


def test_deleted_people_and_strangers_get_none_and_suspended_people_may_have_one(world: World, stranger: World) -> None:
    people = make_people(world.customer, 3)
    suspended, deleted, _active = people
    User.objects.filter(pk=suspended.pk).update(is_active=False, suspended_at=timezone.now())
    User.objects.filter(pk=deleted.pk).update(is_active=False, deleted_at=timezone.now())
    others = make_people(stranger.customer, 1)
    everybody = User.objects.filter(pk__in=ids(people) | ids(others))
    assert assign_licences(actor=world.admin, subscription=world.sold, people=everybody) == 2
    assert having(world.sold) == ids(people) - {deleted.pk}


def test_B6_a_suspended_subscription_gives_none_and_takes_some(world: World) -> None:
    people = make_people(world.customer, 2)
    assign_licences(actor=world.admin, subscription=world.sold, people=people)
    suspend(world.sold)
    with pytest.raises(Refused, match="suspended"):
        assign_licences(actor=world.admin, subscription=world.sold, people=make_people(world.customer, 1))
    assert revoke_licences(actor=world.admin, subscription=world.sold, people=people) == 2


def test_B6_a_cancelled_subscription_gives_none(world: World) -> None:
    cancel_subscription(actor=None, subscription=world.own)
    with pytest.raises(Refused, match="cancelled"):
        assign_licences(actor=world.admin, subscription=world.own, people=make_people(world.customer, 1))


# --- One licence of a product ---------------------------------------------------------------------------


def test_a_second_licence_of_a_product_is_refused_with_the_names(world: World) -> None:
    standard, plus = order(world.customer, STANDARD), order(world.customer, PLUS)
    people = make_people(world.customer, 5, name="Ada")
    assign_licences(actor=world.admin, subscription=standard, people=people)
    with pytest.raises(Refused, match=r"Ada .*Ada .*Ada .* and 2 more") as refused:
        assign_licences(actor=world.admin, subscription=plus, people=people)
    assert standard.sku.product.name in refused.value.message
    assert having(plus) == set()


def test_switching_moves_people_over_in_one_step(world: World) -> None:
    standard, plus = order(world.customer, STANDARD), order(world.customer, PLUS)
    people, new = make_people(world.customer, 2), make_people(world.customer, 1)
    assign_licences(actor=world.admin, subscription=standard, people=people)
    everybody = User.objects.filter(pk__in=ids(people) | ids(new))
    assert assign_licences(actor=world.admin, subscription=plus, people=everybody, switch=True) == 3
    assert (having(standard), having(plus)) == (set(), ids(everybody))
    assert [name for name, _, _ in names(world.customer.pk)].count("USER_LICENSE_REVOKE") == 2


def test_a_switch_that_finds_no_seat_takes_nothing_away(world: World) -> None:
    standard, plus = order(world.customer, STANDARD), order(world.customer, PLUS, 1)
    people = make_people(world.customer, 2)
    assign_licences(actor=world.admin, subscription=standard, people=people)
    with pytest.raises(Refused, match="1 seat is free"):
        assign_licences(actor=world.admin, subscription=plus, people=people, switch=True)
    assert having(standard) == ids(people)


def test_R3_an_agent_cannot_switch_people_away_from_a_subscription_that_is_not_its_own(world: World) -> None:
    rival = sell(world.customer, put_reseller("Rival"), STANDARD)
    people = make_people(world.customer, 1)
    assign_licences(actor=world.admin, subscription=rival, people=people)
    with pytest.raises(Refused, match="that you do not manage") as refused:
        assign_licences(actor=Actor(world.agent), subscription=world.sold, people=people, switch=True)
    assert "Standard" not in refused.value.message
    assert having(rival) == ids(people)


def test_the_licences_of_one_person_change_together_or_not_at_all(world: World) -> None:
    standard, plus = order(world.customer, STANDARD), order(world.customer, PLUS)
    [person] = make_people(world.customer, 1)
    change_licences_of(actor=world.admin, person=person, assign=[standard], revoke=[])
    assert change_licences_of(actor=world.admin, person=person, assign=[plus], revoke=[standard]) == 2
    suspend(standard)
    with pytest.raises(Refused):
        change_licences_of(actor=world.admin, person=person, assign=[standard], revoke=[plus])
    assert having(plus) == {person.pk}


# --- Revoking ----------------------------------------------------------------------------------------


def test_A1_revoking_keeps_the_history_and_writes_an_event(world: World) -> None:
    people = make_people(world.customer, 2)
    assign_licences(actor=world.admin, subscription=world.sold, people=people)
    first = people[:1].get()
    only_first = User.objects.filter(pk=first.pk)
    assert revoke_licences(actor=world.admin, subscription=world.sold, people=only_first) == 1
    assert revoke_licences(actor=world.admin, subscription=world.sold, people=only_first) == 0
    assert having(world.sold) == ids(people) - {first.pk}
    assert Licence.objects.filter(subscription=world.sold).count() == 2
    assert names(world.customer.pk)[2:] == [("USER_LICENSE_REVOKE", first.email, "customer")]


# --- Who may -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.USER_MANAGEMENT_ADMIN, Role.HELP_DESK_ADMIN])
def test_P3_other_admins_assign_nothing(world: World, role: Role) -> None:
    actor = Actor(put_person(world.customer, role))
    with pytest.raises(PermissionDenied):
        assign_licences(actor=actor, subscription=world.sold, people=make_people(world.customer, 1))
    assert having(world.sold) == set()


def test_R3_an_agent_assigns_what_its_reseller_sold_and_what_was_opened_and_nothing_else(world: World) -> None:
    agent, people = Actor(world.agent), make_people(world.customer, 1)
    rival, root = sell(world.customer, put_reseller("Rival"), PLUS), root_of(world.customer)
    assert assign_licences(actor=agent, subscription=world.sold, people=people) == 1
    for closed in (world.own, rival):
        with pytest.raises(PermissionDenied):
            assign_licences(actor=agent, subscription=closed, people=people)
        with pytest.raises(PermissionDenied):
            revoke_licences(actor=agent, subscription=closed, people=people)
        with pytest.raises(PermissionDenied):
            change_auto_licence(actor=agent, subscription=closed, org_unit=root, automatic=True)
    open_own = wish(world.customer, world.reseller, allowed=True, subscription=world.own)
    desired.save_reseller_access(
        actor=world.admin, customer=world.customer, desired=[open_own], agreed=[world.reseller.pk]
    )
    propagate()
    assert assign_licences(actor=agent, subscription=world.own, people=people) == 1
    assert [kind for _, _, kind in names(world.customer.pk)] == ["reseller", "reseller"]


def test_R8_access_that_ended_between_opening_the_form_and_saving_refuses_the_save(world: World) -> None:
    agent, people = Actor(world.agent), make_people(world.customer, 1)
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    with pytest.raises(PermissionDenied):
        assign_licences(actor=agent, subscription=world.sold, people=people)
    assert having(world.sold) == set()


def test_a_strangers_admin_assigns_nothing_here(world: World, stranger: World) -> None:
    with pytest.raises(PermissionDenied):
        assign_licences(actor=stranger.admin, subscription=world.sold, people=make_people(world.customer, 1))
    with pytest.raises(PermissionDenied):
        assign_licences(actor=Actor(stranger.agent), subscription=world.sold, people=make_people(world.customer, 1))


# --- The database ------------------------------------------------------------------------------------


def test_no_licence_and_no_rule_joins_two_customers(world: World, stranger: World) -> None:
    theirs, mine = make_people(stranger.customer, 1).get(), make_people(world.customer, 1).get()
    product = world.sold.sku.product
    wrong = [
        Licence(customer=world.customer, subscription=world.sold, user=theirs, product=product),
        Licence(customer=stranger.customer, subscription=world.sold, user=theirs, product=product),
        Licence(customer=stranger.customer, subscription=stranger.sold, user=mine, product=product),
        AutoLicence(customer=world.customer, subscription=world.sold, org_unit=root_of(stranger.customer)),
        AutoLicence(customer=stranger.customer, subscription=world.sold, org_unit=root_of(stranger.customer)),
    ]
    for row in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_ten_times_the_people_cost_the_same_number_of_statements(world: World) -> None:
    big = order(world.customer, STANDARD, 1_000)
    counts = []
    assign_licences(actor=world.admin, subscription=big, people=make_people(world.customer, 1))
    for number in (10, 100):
        people = make_people(world.customer, number)
        with CaptureQueriesContext(connection) as queries:
            assign_licences(actor=world.admin, subscription=big, people=people)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


# --- At the same instant --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_B5_eight_admins_at_once_never_assign_more_than_the_seats() -> None:
    """Eight connections each want five of ten seats: two get them, six learn that there are none."""
    world = make_world()
    groups = [ids(make_people(world.customer, 5)) for _ in range(8)]

    def assign(group: set[int]) -> int:
        try:
            people = User.objects.filter(pk__in=group)
            return assign_licences(actor=world.admin, subscription=world.sold, people=people)
        except (Refused, CustomerBusy):
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(assign, groups))
    assert sorted(given) == [0, 0, 0, 0, 0, 0, 5, 5]
    assert len(having(world.sold)) == 10


@pytest.mark.django_db(transaction=True)
def test_two_licences_of_one_product_at_once_leave_one() -> None:
    """Half of the admins give a person Standard, the others Plus."""
    world = make_world()
    both = [order(world.customer, STANDARD), order(world.customer, PLUS)]
    [person] = make_people(world.customer, 1)

    def assign(subscription: Subscription) -> int:
        try:
            itself = User.objects.filter(pk=person.pk)
            return assign_licences(actor=world.admin, subscription=subscription, people=itself)
        except (Refused, CustomerBusy):
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(assign, both * 4))
    assert sum(given) == 1
    assert Licence.objects.filter(user=person, revoked_at=None).count() == 1
