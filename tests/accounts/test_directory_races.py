"""Two changes of one directory at the same instant, over two real connections: together they make no circle."""

from __future__ import annotations

import pytest

from accounts.directory import devices, groups, org_units
from accounts.directory.group_members import containing
from accounts.directory.tree import tree_of
from accounts.errors import Refused
from accounts.models import DirectoryGroup, GroupMember, OrgUnit
from tests.factories import put_customer
from tests.races import second_waits_for_first

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_units_moved_below_each_other_at_once_make_no_circle() -> None:
    customer = put_customer()
    root = tree_of(customer).root
    a, b = (org_units.create_org_unit(actor=None, customer=customer, parent=root, name=name) for name in "AB")
    with pytest.raises(Refused):
        second_waits_for_first(
            lambda: org_units.move_org_unit(actor=None, unit=a, parent=b),
            lambda: org_units.move_org_unit(actor=None, unit=b, parent=a),
        )
    assert [node.path for node in tree_of(customer)] == ["/", "/B", "/B/A"]


def test_two_groups_nested_into_each_other_at_once_make_no_circle() -> None:
    customer = put_customer()
    a, b = (
        groups.create_group(actor=None, customer=customer, email=f"{name}@{customer.primary_domain}", name=name)
        for name in "ab"
    )
    with pytest.raises(Refused):
        second_waits_for_first(
            lambda: groups.add_members(actor=None, group=a, subgroups=[b]),
            lambda: groups.add_members(actor=None, group=b, subgroups=[a]),
        )
    assert containing(b) == {a.pk, b.pk}
    assert GroupMember.objects.get().group == a


def test_a_unit_that_gets_a_device_while_it_is_deleted_stays() -> None:
    customer = put_customer()
    unit = org_units.create_org_unit(actor=None, customer=customer, parent=tree_of(customer).root, name="Sales")
    with pytest.raises(Refused):
        second_waits_for_first(
            lambda: devices.enrol_device(actor=None, customer=customer, kind="ios", serial_number="1", org_unit=unit),
            lambda: org_units.remove_org_unit(actor=None, unit=unit),
        )
    assert OrgUnit.objects.filter(pk=unit.pk).exists()


def test_a_group_that_is_deleted_while_somebody_joins_is_gone_in_words() -> None:
    customer = put_customer()
    group, other = (
        groups.create_group(actor=None, customer=customer, email=f"{name}@{customer.primary_domain}", name=name)
        for name in "ab"
    )
    with pytest.raises(Refused):
        second_waits_for_first(
            lambda: groups.delete_group(actor=None, group=group),
            lambda: groups.add_members(actor=None, group=group, subgroups=[other]),
        )
    assert list(DirectoryGroup.objects.all()) == [other]
