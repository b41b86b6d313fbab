"""Automatic licences: anyone who is in a unit or below it gets one, as far as the seats go, by a sweep."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.locking import CustomerBusy
from accounts.models import AuditEvent, User
from accounts.roles import Role
from subscriptions import seats
from subscriptions.automatic_licences import give_automatic_licences
from subscriptions.licensing import assign_licences, change_auto_licence, revoke_licences
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models import AutoLicence, Subscription
from subscriptions.models.subscription import Status
from tests.access.world import World, make_world
from tests.factories import make_unit, put_person
from tests.subscriptions.licence_world import PLUS, STANDARD, having, ids, make_people, order, root_of


@pytest.fixture
def standard(world: World) -> Subscription:
    return order(world.customer, STANDARD)


def turn_on(world: World, subscription: Subscription, name: str = "Sales") -> tuple[User, set[int]]:
    """Automatic licences for a unit of three people, one of whom is further below; return one of them, and all."""
    unit = make_unit(world.customer, name)
    people = ids(make_people(world.customer, 2, unit))
    people |= ids(make_people(world.customer, 1, make_unit(world.customer, "Berlin", unit)))
    change_auto_licence(actor=world.admin, subscription=subscription, org_unit=unit, automatic=True)
    return User.objects.get(pk=min(people)), people


def test_everybody_in_the_unit_and_below_gets_one_and_nobody_beside_it(world: World, standard: Subscription) -> None:
    make_people(world.customer, 2, make_unit(world.customer, "Support"))
    _, people = turn_on(world, standard)
    assert seats.waiting_numbers([standard.pk]) == {standard.pk: 3}
    assert give_automatic_licences() == 3
    assert having(standard) == people
    assert seats.waiting_numbers([standard.pk]) == {}
    kinds = set(AuditEvent.objects.filter(name="USER_LICENSE_ASSIGNMENT").values_list("actor_kind", flat=True))
    assert kinds == {"system"}


def test_running_again_gives_nothing_more(world: World, standard: Subscription) -> None:
    turn_on(world, standard)
    assert (give_automatic_licences(), give_automatic_licences()) == (3, 0)


def test_whoever_comes_later_or_is_moved_there_gets_one(world: World, standard: Subscription) -> None:
    person, people = turn_on(world, standard)
    moved = make_people(world.customer, 1).get()
    give_automatic_licences()
    User.objects.filter(pk=moved.pk).update(org_unit=person.org_unit)
    new = ids(make_people(world.customer, 1, person.org_unit))
    assert give_automatic_licences() == 2
    assert having(standard) == people | new | {moved.pk}


def test_a_unit_moved_below_takes_its_people_along(world: World, standard: Subscription) -> None:
    person, people = turn_on(world, standard)
    other = make_unit(world.customer, "Partners")
    theirs = ids(make_people(world.customer, 2, other))
    other.parent = person.org_unit
    other.save(update_fields=["parent"])
    give_automatic_licences()
    assert having(standard) == people | theirs


def test_suspended_and_deleted_people_get_none_and_the_deleted_lose_theirs(
    world: World, standard: Subscription
) -> None:
    person, people = turn_on(world, standard)
    give_automatic_licences()
    deleted, suspended, *_ = sorted(people)
    User.objects.filter(pk=deleted).update(is_active=False, deleted_at=timezone.now())
    User.objects.filter(pk=suspended).update(is_active=False, suspended_at=timezone.now())
    late = make_people(world.customer, 1, person.org_unit)
    late.update(is_active=False, suspended_at=timezone.now())
    assert give_automatic_licences() == 0
    assert having(standard) == people - {deleted}


def test_B5_it_gives_as_many_as_there_are_seats_to_those_who_are_there_longest(world: World) -> None:
    small = order(world.customer, STANDARD, 2)
    person, people = turn_on(world, small)
    newest = min(people)
    User.objects.filter(pk=newest).update(created_at=timezone.now() + timedelta(days=1))
    assert give_automatic_licences() == 2
    assert having(small) == people - {newest}
    assert seats.waiting_numbers([small.pk]) == {small.pk: 1}
    revoke_licences(actor=world.admin, subscription=small, people=User.objects.filter(pk__in=people - {newest}))
    User.objects.filter(org_unit=person.org_unit).exclude(pk=newest).update(is_active=False)
    give_automatic_licences()
    assert newest in having(small)


def test_people_with_another_licence_of_the_product_keep_it(world: World, standard: Subscription) -> None:
    plus = order(world.customer, PLUS)
    person, people = turn_on(world, standard)
    assign_licences(actor=world.admin, subscription=plus, people=User.objects.filter(pk=person.pk))
    give_automatic_licences()
    assert having(standard) == people - {person.pk}
    assert having(plus) == {person.pk}


def test_B6_a_suspended_subscription_gives_nothing_until_it_is_active_again(
    world: World, standard: Subscription
) -> None:
    turn_on(world, standard)
    rows = Subscription.objects.filter(pk=standard.pk)
    rows.update(status=Status.SUSPENDED, suspension_reasons=["OTHER"])
    assert give_automatic_licences() == 0
    rows.update(status=Status.ACTIVE, suspension_reasons=[])
    assert give_automatic_licences() == 3


def test_a_cancelled_subscription_has_no_licences_left(world: World, standard: Subscription) -> None:
    turn_on(world, standard)
    give_automatic_licences()
    cancel_subscription(actor=None, subscription=standard)
    give_automatic_licences()
    assert having(standard) == set()


def test_a_strangers_people_get_nothing(world: World, stranger: World, standard: Subscription) -> None:
    """Also where the units have the same names: a rule reaches its own customer's people only."""
    theirs = ids(make_people(stranger.customer, 2, make_unit(stranger.customer, "Sales")))
    _, people = turn_on(world, standard)
    give_automatic_licences()
    assert having(standard) == people
    assert not having(standard) & theirs
    with pytest.raises(Refused, match="does not exist"):
        change_auto_licence(
            actor=world.admin, subscription=standard, org_unit=root_of(stranger.customer), automatic=True
        )


def test_turning_on_and_off_is_an_event_each_and_off_takes_nothing(world: World, standard: Subscription) -> None:
    person, people = turn_on(world, standard)
    unit = person.org_unit
    assert unit is not None
    assert not change_auto_licence(actor=world.admin, subscription=standard, org_unit=unit, automatic=True)
    give_automatic_licences()
    assert change_auto_licence(actor=world.admin, subscription=standard, org_unit=unit, automatic=False)
    assert not change_auto_licence(actor=world.admin, subscription=standard, org_unit=unit, automatic=False)
    events = AuditEvent.objects.filter(name="CHANGE_LICENSE_AUTO_ASSIGN").order_by("id")
    assert list(events.values_list("new_value", flat=True)) == [
        {"org_unit": "/Sales", "automatic": True},
        {"org_unit": "/Sales", "automatic": False},
    ]
    assert having(standard) == people


def test_P3_an_auditor_turns_nothing_on(world: World, standard: Subscription) -> None:
    auditor = Actor(put_person(world.customer, Role.AUDITOR))
    with pytest.raises(PermissionDenied):
        change_auto_licence(actor=auditor, subscription=standard, org_unit=root_of(world.customer), automatic=True)
    assert not AutoLicence.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_four_sweeps_and_four_admins_at_once_never_give_more_than_the_seats() -> None:
    world = make_world()
    standard = order(world.customer, STANDARD, 10)
    unit = make_unit(world.customer, "Sales")
    make_people(world.customer, 30, unit)
    groups = [ids(make_people(world.customer, 3)) for _ in range(4)]
    change_auto_licence(actor=world.admin, subscription=standard, org_unit=unit, automatic=True)

    def run(group: set[int] | None) -> int:
        try:
            if group is None:
                return give_automatic_licences()
            people = User.objects.filter(pk__in=group)
            return assign_licences(actor=world.admin, subscription=standard, people=people)
        except (Refused, CustomerBusy):
            return 0
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        given = sum(pool.map(run, [None, groups[0], None, groups[1], None, groups[2], None, groups[3]]))
    # Those who were busy left the rest to the next run.
    assert given + give_automatic_licences() == 10
    assert len(having(standard)) == 10
