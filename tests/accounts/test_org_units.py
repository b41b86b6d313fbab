"""The tree of a customer's units: no circles, nothing too deep, nothing lost."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.actor import Actor
from accounts.directory import devices, org_units
from accounts.directory.tree import tree_of
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer, OrgUnit, User
from accounts.roles import Role
from subscriptions import leaving
from subscriptions.models import AutoLicence
from tests.access.world import propagate, sell
from tests.cast import Cast
from tests.factories import make_customer, make_person

pytestmark = pytest.mark.django_db


def make_unit(customer: Customer, path: str) -> OrgUnit:
    """A unit at a path whose parent is there."""
    above, _slash, name = path.rpartition("/")
    parent = tree_of(customer).at(above)
    assert parent is not None
    return org_units.create_org_unit(actor=None, customer=customer, parent=parent, name=name)


def paths(customer: Customer) -> list[str]:
    return [node.path for node in tree_of(customer)]


def last_event() -> AuditEvent:
    return AuditEvent.objects.order_by("-id")[0]


def test_units_stand_below_their_parents_in_the_order_of_their_names(cast: Cast) -> None:
    acme = cast.acme.customer
    for path in ("/Sales", "/École", "/Sales/Zürich", "/Sales/berlin", "/Engineering"):
        make_unit(acme, path)
    assert paths(acme) == ["/", "/École", "/Engineering", "/Sales", "/Sales/berlin", "/Sales/Zürich"]
    event = last_event()
    assert (event.name, event.subject, event.new_value) == (
        "CREATE_ORG_UNIT",
        "Engineering",
        {"org_unit": "/Engineering"},
    )
    assert paths(cast.globex.customer) == ["/"]


@pytest.mark.parametrize("name", ["SALES", " sales ", "sa\u200bles", ""])
def test_P10_a_name_is_taken_once_at_a_place_in_any_case(name: str, cast: Cast) -> None:
    acme = cast.acme.customer
    sales, other = make_unit(acme, "/Sales"), make_unit(acme, "/Other")
    root = tree_of(acme).root
    with pytest.raises(Refused) as refused:
        org_units.create_org_unit(actor=None, customer=acme, parent=root, name=name)
    assert refused.value.field == "name"
    with pytest.raises(Refused):
        org_units.edit_org_unit(actor=None, unit=other, name=name, description="", approves_mobile_devices=None)
    if name:
        below = org_units.create_org_unit(actor=None, customer=acme, parent=sales, name=name)
        with pytest.raises(Refused) as refused:
            org_units.move_org_unit(actor=None, unit=below, parent=root)
        assert refused.value.field == "parent"


@pytest.mark.parametrize("name", ["x" * 101, "Sales/Berlin"])
def test_a_name_that_no_path_can_hold_is_refused(name: str, cast: Cast) -> None:
    with pytest.raises(Refused):
        org_units.create_org_unit(
            actor=None, customer=cast.acme.customer, parent=tree_of(cast.acme.customer).root, name=name
        )


def test_a_moved_unit_takes_along_what_is_below_it(cast: Cast) -> None:
    acme = cast.acme.customer
    sales, archive = make_unit(acme, "/Sales"), make_unit(acme, "/Archive")
    make_unit(acme, "/Sales/Berlin")
    for _ in range(2):
        org_units.move_org_unit(actor=Actor(cast.acme.super_admin), unit=sales, parent=archive)
    assert paths(acme) == ["/", "/Archive", "/Archive/Sales", "/Archive/Sales/Berlin"]
    moves = AuditEvent.objects.filter(name="MOVE_ORG_UNIT")
    assert [(move.old_value, move.new_value) for move in moves] == [
        ({"org_unit": "/Sales"}, {"org_unit": "/Archive/Sales"})
    ]


def test_a_unit_is_never_moved_into_itself_or_below_itself(cast: Cast) -> None:
    acme = cast.acme.customer
    sales = make_unit(acme, "/Sales")
    berlin = make_unit(acme, "/Sales/Berlin")
    mitte = make_unit(acme, "/Sales/Berlin/Mitte")
    for parent in (sales, berlin, mitte):
        with pytest.raises(Refused):
            org_units.move_org_unit(actor=None, unit=sales, parent=parent)
    with pytest.raises(Refused):
        org_units.move_org_unit(actor=None, unit=tree_of(acme).root, parent=mitte)
    assert paths(acme) == ["/", "/Sales", "/Sales/Berlin", "/Sales/Berlin/Mitte"]


def test_a_tree_has_at_most_35_levels(cast: Cast) -> None:
    acme = cast.acme.customer
    path = ""
    for level in range(1, 36):
        path += f"/{level}"
        make_unit(acme, path)
    with pytest.raises(Refused):
        make_unit(acme, f"{path}/36")
    deep = tree_of(acme).at(path.rpartition("/")[0])
    assert deep is not None
    make_unit(acme, "/Sales")
    branch = make_unit(acme, "/Sales/Berlin").parent
    assert branch is not None
    with pytest.raises(Refused):
        org_units.move_org_unit(actor=None, unit=branch, parent=deep)
    leaf = make_unit(acme, "/Leaf")
    org_units.move_org_unit(actor=None, unit=leaf, parent=deep)
    assert max(node.depth for node in tree_of(acme)) == 35


def test_a_setting_is_inherited_until_a_unit_has_its_own(cast: Cast) -> None:
    acme = cast.acme.customer
    sales = make_unit(acme, "/Sales")
    berlin = make_unit(acme, "/Sales/Berlin")

    def answers() -> list[bool]:
        tree = tree_of(acme)
        return [tree.approves_mobile_devices(unit.pk) for unit in (tree.root, sales, berlin)]

    assert answers() == [False, False, False]
    for _ in range(2):
        org_units.edit_org_unit(actor=None, unit=sales, name="Sales", description="", approves_mobile_devices=True)
    assert answers() == [False, True, True]
    event = last_event()
    assert (event.name, event.old_value, event.new_value) == (
        "EDIT_ORG_UNIT",
        {"approves_mobile_devices": None},
        {"approves_mobile_devices": True},
    )
    assert AuditEvent.objects.filter(name="EDIT_ORG_UNIT").count() == 1
    org_units.move_org_unit(actor=None, unit=berlin, parent=tree_of(acme).root)
    assert answers() == [False, True, False]
    with pytest.raises(Refused):
        org_units.edit_org_unit(
            actor=None, unit=tree_of(acme).root, name="", description="", approves_mobile_devices=None
        )


def test_only_an_empty_unit_is_deleted_and_what_is_inside_is_named(cast: Cast) -> None:
    acme = cast.acme.customer
    sales = make_unit(acme, "/Sales")
    berlin = make_unit(acme, "/Sales/Berlin")
    person = cast.acme.nobody
    User.objects.filter(pk=person.pk).update(org_unit=sales)
    devices.enrol_device(actor=None, customer=acme, kind="chromeos", serial_number="1", org_unit=sales)
    automatic = AutoLicence.objects.create(customer=acme, subscription=sell(acme, None), org_unit=sales)
    with pytest.raises(Refused) as refused:
        leaving.remove_org_unit(actor=None, unit=sales)
    assert "1 unit, 1 person, 1 device, 1 automatic licence" in refused.value.message
    leaving.remove_org_unit(actor=None, unit=berlin)
    devices.remove_devices(actor=None, customer=acme, devices=acme.devices.values_list("pk", flat=True))
    automatic.delete()
    with pytest.raises(Refused):
        leaving.remove_org_unit(actor=None, unit=sales)
    # Someone deleted, who could be had back, does not keep the unit: it moves up.
    User.objects.filter(pk=person.pk).update(is_active=False, deleted_at=timezone.now())
    for _ in range(2):
        leaving.remove_org_unit(actor=None, unit=sales)
    assert paths(acme) == ["/"]
    person.refresh_from_db()
    assert person.org_unit == tree_of(acme).root
    names = AuditEvent.objects.order_by("-id").values_list("name", "subject")[:2]
    assert list(names) == [("REMOVE_ORG_UNIT", "Sales"), ("MOVE_USER_TO_ORG_UNIT", person.email)]
    with pytest.raises(Refused):
        leaving.remove_org_unit(actor=None, unit=tree_of(acme).root)


def test_a_place_in_another_customers_tree_is_refused(cast: Cast) -> None:
    mine, theirs = make_unit(cast.acme.customer, "/Sales"), make_unit(cast.globex.customer, "/Sales")
    with pytest.raises(Refused):
        org_units.move_org_unit(actor=None, unit=mine, parent=theirs)
    with pytest.raises(Refused):
        org_units.create_org_unit(actor=None, customer=cast.acme.customer, parent=theirs, name="Mine")
    assert paths(cast.globex.customer) == ["/", "/Sales"]


@pytest.mark.parametrize("who", ["auditor", "support manager", "stranger", "agent without access", "suspended"])
def test_R11_only_who_manages_units_at_this_instant_changes_the_tree(who: str, cast: Cast) -> None:
    acme = cast.acme.customer
    manager = make_person(acme, Role.USER_MANAGEMENT_ADMIN)
    sales, archive = make_unit(acme, "/Sales"), make_unit(acme, "/Archive")
    persons = {
        "auditor": cast.acme.auditor,
        "support manager": cast.acme.support_manager,
        "stranger": cast.globex.super_admin,
        "agent without access": cast.resale_one.agent,
        "suspended": manager,
    }
    actor = Actor(persons[who])
    attempts: list[Callable[[], object]] = [
        lambda: org_units.create_org_unit(actor=actor, customer=acme, parent=sales, name="Berlin"),
        lambda: org_units.edit_org_unit(
            actor=actor, unit=sales, name="Sale", description="", approves_mobile_devices=True
        ),
        lambda: org_units.move_org_unit(actor=actor, unit=sales, parent=archive),
        lambda: leaving.remove_org_unit(actor=actor, unit=sales),
    ]

    if who == "suspended":
        User.objects.filter(pk=manager.pk).update(is_active=False)
    before = AuditEvent.objects.count()
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    assert (paths(acme), AuditEvent.objects.count()) == (["/", "/Archive", "/Sales"], before)
    if who == "suspended":
        User.objects.filter(pk=manager.pk).update(is_active=True)
        for attempt in attempts[:3]:
            attempt()


def test_an_agent_changes_the_tree_while_access_is_in_force(cast: Cast) -> None:
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    unit = org_units.create_org_unit(
        actor=Actor(cast.resale_one.agent),
        customer=cast.acme.customer,
        parent=tree_of(cast.acme.customer).root,
        name="Sales",
    )
    assert unit.name == "Sales"
    assert last_event().actor_reseller_id == cast.resale_one.reseller.pk


def test_a_tree_is_read_with_one_query_however_large(
    django_assert_num_queries: Callable[..., object],
) -> None:
    customer = make_customer()
    root = tree_of(customer).root
    OrgUnit.objects.bulk_create(
        OrgUnit(customer=customer, parent=root, name=f"Unit {n}", sort_name=f"unit {n}") for n in range(400)
    )
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        assert len(tree_of(customer)) == 401


def test_a_tree_that_is_full_grows_no_further(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = cast.acme.customer
    monkeypatch.setattr(org_units, "MAX_UNITS", 3)
    make_unit(customer, "/Sales")
    berlin = make_unit(customer, "/Sales/Berlin")
    with pytest.raises(Refused, match="at most 3 units"):
        make_unit(customer, "/Legal")
    org_units.remove_org_unit(actor=None, unit=berlin)
    make_unit(customer, "/Legal")
    assert paths(customer) == ["/", "/Legal", "/Sales"]


def test_a_path_is_found_without_looking_through_the_tree(cast: Cast) -> None:
    """A file of 100,000 lines may name as many paths, and a worker reads it in one go."""
    customer = cast.acme.customer
    root = tree_of(customer).root
    OrgUnit.objects.bulk_create(
        OrgUnit(customer=customer, parent=root, name=f"Unit {n}", sort_name=f"unit {n}") for n in range(2000)
    )
    tree, begun = tree_of(customer), time.process_time()
    assert all(tree.at(f"/nowhere {n}") is None for n in range(20_000))
    assert time.process_time() - begun < 1
    found = tree.at("UNIT 7/")
    assert found is not None and found.name == "Unit 7"
    assert tree.at("") == root
