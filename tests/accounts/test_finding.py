"""The first few that match what is typed: each finder by each way to match (P10)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.directory.finding import first_devices, first_groups, first_organisations, first_people
from accounts.directory.scope import people_in_console
from accounts.models import Address, Customer, Device, DirectoryGroup, User
from accounts.organisations import VENDOR
from accounts.permissions import Permission
from accounts.roles import Role
from tests.access.world import World, make_world
from tests.factories import make_customer, make_person


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def stranger(db: None) -> World:
    return make_world()


def names(world: World, typed: str, number: int = 10) -> list[str]:
    may = frozenset({Permission.VIEW_USERS})
    return [one.name for one in first_people(world.customer, may, typed, number)]


def test_people_are_found_by_name_address_and_alias_with_one_statement(world: World) -> None:
    domain = world.customer.primary_domain
    for name, local in (("Ida Novak", "ida"), ("Bob Idaho", "bob"), ("Carl Carson", "theida")):
        make_person(world.customer, name=name, email=f"{local}@{domain}")
    other = make_person(world.customer, name="Dora Dent", email=f"dora@{domain}")
    Address.objects.create(email=f"idalia@{domain}", user=other)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert names(world, "ida") == ["Bob Idaho", "Carl Carson", "Dora Dent", "Ida Novak"]
    assert len(queries) == 1
    assert names(world, "ida", 2) == ["Bob Idaho", "Carl Carson"]
    # Less than a trigram is the beginning of a name.
    assert names(world, "id") == ["Ida Novak"]
    assert names(world, "") == []


@pytest.mark.parametrize("typed", ["%%%", "___", "\\\\\\", "a%b"])
def test_signs_of_patterns_are_letters_like_others(world: World, typed: str) -> None:
    assert names(world, typed) == []
    made = make_person(world.customer, name=f"x{typed}y", email=f"sign@{world.customer.primary_domain}")
    assert names(world, typed) == [made.name]


def test_groups_devices_and_organisations(world: World) -> None:
    assert first_groups(DirectoryGroup.objects.all(), "", 5) == []
    assert first_devices(Device.objects.all(), "", 5) == []
    operator, made = make_person(VENDOR, Role.VENDOR_OPERATOR), make_customer("Aurora Light", "aurora-light.example")
    for typed in ("aurora", "ora light", "light.exa", "au"):
        assert [one.pk for one in first_organisations(operator, Customer, typed, 5)] == [made.pk]
        assert first_organisations(make_person(VENDOR), Customer, typed, 5) == []
    assert first_organisations(operator, Customer, "ig", 5) == []


def test_P3_the_condition_by_hand_finds_the_people_of_the_list(world: World, stranger: World) -> None:
    people = [make_person(world.customer, name=f"Nils {number}") for number in range(4)]
    make_person(stranger.customer, name="Nils Stranger")
    User.objects.filter(pk=people[0].pk).update(is_active=False)
    for gone, purged in ((people[1], None), (people[2], "2026-01-02T00:00Z")):
        User.objects.filter(pk=gone.pk).update(is_active=False, deleted_at="2026-01-01T00:00Z", purged_at=purged)
    for permissions in ({Permission.VIEW_USERS}, {Permission.VIEW_GROUPS}):
        listed = people_in_console(world.customer, permissions).filter(deleted_at=None, sort_name__contains="nils")
        found = first_people(world.customer, permissions, "nils", 10)
        assert {one.pk for one in found} == set(listed.values_list("pk", flat=True))
