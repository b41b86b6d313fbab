"""Groups: addresses of their own, members all or none, no circles."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actor import Actor
from accounts.directory import groups, people
from accounts.directory.group_members import MAX_LINES, containing, email_of, members_of, read_addresses
from accounts.errors import Refused
from accounts.models import Address, AuditEvent, Customer, DirectoryGroup, User
from accounts.models.directory import MemberRole, WhoMay
from accounts.roles import Role
from tests.access.world import propagate, sell
from tests.cast import Cast
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def make_group(customer: Customer, name: str) -> DirectoryGroup:
    email = f"{name.lower()}@{customer.primary_domain}"
    return groups.create_group(actor=None, customer=customer, email=email, name=name)


def roles_in(group: DirectoryGroup) -> dict[str, str]:
    found = members_of(group).order_by("pk")
    return {email_of(member): member.role for member in found}


def test_a_group_has_an_address_that_no_person_and_no_other_group_has(cast: Cast) -> None:
    acme = cast.acme.customer
    group = groups.create_group(actor=None, customer=acme, email=" Sales@ACME.example ", name=" The  sales ")
    assert (group.email, group.name) == ("sales@acme.example", "The sales")
    for email in ("sales@acme.example", cast.acme.nobody.email):
        with pytest.raises(Refused) as refused:
            groups.create_group(actor=None, customer=acme, email=email, name="Other")
        assert refused.value.field == "email"
    with pytest.raises(Refused):
        people.create_user(actor=None, organisation=acme, email="sales@acme.example", name="Person")


@pytest.mark.parametrize("email", ["sales@gmail.com", "sales@globex.example", "sales@resale-one.example", "sales", ""])
def test_P6_a_group_never_has_the_address_of_somebody_else(email: str, cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        groups.create_group(actor=None, customer=cast.acme.customer, email=email, name="Sales")
    assert refused.value.field == "email"
    group = make_group(cast.acme.customer, "Sales")
    with pytest.raises(Refused):
        groups.change_group(actor=None, group=group, email=email, name="Sales", description="")


def test_a_changed_address_is_free_again(cast: Cast) -> None:
    acme = cast.acme.customer
    group = make_group(acme, "Sales")
    for _ in range(2):
        groups.change_group(actor=None, group=group, email="sell@acme.example", name="Sell", description="They sell")
    assert list(Address.objects.filter(group=group).values_list("email", flat=True)) == ["sell@acme.example"]
    event = AuditEvent.objects.get(name="CHANGE_GROUP")
    assert event.old_value == {"email": "sales@acme.example", "name": "Sales", "description": ""}
    assert event.new_value == {"email": "sell@acme.example", "name": "Sell", "description": "They sell"}
    make_group(acme, "Sales")


def test_deleting_a_group_leaves_its_people_and_frees_its_address(cast: Cast) -> None:
    acme = cast.acme.customer
    outer, inner = make_group(acme, "Outer"), make_group(acme, "Inner")
    groups.add_members(actor=None, group=outer, subgroups=[inner])
    groups.add_members(actor=None, group=inner, people=[cast.acme.nobody])
    for _ in range(2):
        groups.delete_group(actor=None, group=inner)
    assert roles_in(outer) == {}
    assert User.objects.filter(pk=cast.acme.nobody.pk).exists()
    event = AuditEvent.objects.get(name="DELETE_GROUP")
    assert (event.subject, event.old_value) == (
        "inner@acme.example",
        {"email": "inner@acme.example", "name": "Inner", "members": 1},
    )
    make_group(acme, "Inner")


def test_members_are_added_once_and_keep_the_role_they_have(cast: Cast) -> None:
    acme = cast.acme.customer
    group, inner = make_group(acme, "Sales"), make_group(acme, "Inner")
    alice, bob, carol = cast.acme.super_admin, cast.acme.support_manager, cast.acme.auditor
    assert groups.add_members(actor=None, group=group, people=[alice], role=MemberRole.OWNER) == 1
    assert groups.add_members(actor=None, group=group, people=[alice, bob, bob], subgroups=[inner]) == 2
    assert groups.add_members(actor=None, group=group, people=[bob], subgroups=[inner], role=MemberRole.MANAGER) == 0
    assert groups.add_members(actor=None, group=group, people=[carol], role=MemberRole.MANAGER) == 1
    assert roles_in(group) == {
        alice.email: "owner",
        bob.email: "member",
        inner.email: "member",
        carol.email: "manager",
    }
    written = AuditEvent.objects.filter(name="ADD_GROUP_MEMBER").order_by("id")
    assert [event.new_value for event in written] == [
        {"member": alice.email, "member_role": "owner"},
        {"member": bob.email, "member_role": "member"},
        {"member": inner.email, "member_role": "member"},
        {"member": carol.email, "member_role": "manager"},
    ]


def test_a_members_role_changes_and_a_group_in_a_group_stays_a_plain_member(cast: Cast) -> None:
    acme, alice = cast.acme.customer, cast.acme.super_admin
    group, inner = make_group(acme, "Sales"), make_group(acme, "Inner")
    groups.add_members(actor=None, group=group, people=[alice], subgroups=[inner])
    person, nested = group.members.get(user=alice), group.members.get(subgroup=inner)
    for _ in range(2):
        groups.change_member_role(actor=None, member=person, role=MemberRole.OWNER)
    with pytest.raises(Refused):
        groups.change_member_role(actor=None, member=nested, role=MemberRole.OWNER)
    event = AuditEvent.objects.get(name="UPDATE_GROUP_MEMBER")
    assert (event.old_value, event.new_value) == (
        {"member": alice.email, "member_role": "member"},
        {"member": alice.email, "member_role": "owner"},
    )
    for member in (person, person, nested):
        groups.remove_member(actor=None, member=member)
    assert roles_in(group) == {}
    assert AuditEvent.objects.filter(name="REMOVE_GROUP_MEMBER").count() == 2
    with pytest.raises(Refused):
        groups.change_member_role(actor=None, member=person, role=MemberRole.MEMBER)


def test_groups_are_never_nested_in_a_circle(cast: Cast) -> None:
    acme = cast.acme.customer
    a, b, c = (make_group(acme, name) for name in "ABC")
    groups.add_members(actor=None, group=a, subgroups=[b])
    groups.add_members(actor=None, group=b, subgroups=[c])
    for outer, inner in ((a, a), (b, a), (c, a), (c, b)):
        with pytest.raises(Refused):
            groups.add_members(actor=None, group=outer, people=[cast.acme.nobody], subgroups=[inner])
    assert (roles_in(c), containing(c)) == ({}, {a.pk, b.pk, c.pk})
    groups.add_members(actor=None, group=a, subgroups=[c])  # a second way down is no circle


def test_only_people_and_groups_of_the_organisation_are_members(cast: Cast) -> None:
    acme = cast.acme.customer
    group, theirs = make_group(acme, "Sales"), make_group(cast.globex.customer, "Sales")
    gone = cast.acme.nobody
    User.objects.filter(pk=gone.pk).update(is_active=False, deleted_at=timezone.now())
    for outsider in (cast.globex.super_admin, cast.resale_one.agent, gone):
        with pytest.raises(Refused):
            groups.add_members(actor=None, group=group, people=[cast.acme.auditor, outsider])
    with pytest.raises(Refused):
        groups.add_members(actor=None, group=group, subgroups=[theirs])
    assert roles_in(group) == {}


def test_every_bad_address_is_named_with_its_line(cast: Cast) -> None:
    acme = cast.acme.customer
    group, inner, outer = (make_group(acme, name) for name in ("Sales", "Inner", "Outer"))
    groups.add_members(actor=None, group=outer, subgroups=[group])
    Address.objects.create(email="alias@acme.example", user=cast.acme.auditor)
    lines = [" Alice@ACME.example ", "nonsense", "", "gina@globex.example", "inner@acme.example"]
    lines += ["outer@acme.example", "sales@acme.example", "alias@acme.example", "carol@acme.example"]
    found = read_addresses("\n".join([*lines, "alice@acme.example"]), group)
    assert [person.email for person in found.people] == ["alice@acme.example", "carol@acme.example"]
    assert found.subgroups == [inner]
    assert [line.partition(":")[0] for line in found.bad] == [
        "Line 2, nonsense",
        "Line 4, gina@globex.example",
        "Line 6, outer@acme.example",
        "Line 7, sales@acme.example",
    ]
    too_many = "\n".join(f"person{n}@acme.example" for n in range(MAX_LINES + 1))
    [line] = read_addresses(too_many, group).bad
    assert "501" in line


def test_adding_many_members_takes_the_same_number_of_queries(cast: Cast) -> None:
    acme = cast.acme.customer
    group = make_group(acme, "Sales")
    counts = set()
    for number in (1, 40):
        emails = "\n".join(make_person(acme).email for _ in range(number))
        with CaptureQueriesContext(connection) as queries:
            found = read_addresses(emails, group)
            groups.add_members(actor=None, group=group, people=found.people, subgroups=found.subgroups)
        counts.add(len(queries))
    assert len(counts) == 1
    assert group.members.count() == 41


@pytest.mark.parametrize("who", ["auditor", "help desk", "stranger", "agent"])
def test_R11_only_who_manages_groups_at_this_instant_changes_them(who: str, cast: Cast) -> None:
    acme = cast.acme.customer
    group = make_group(acme, "Sales")
    groups.add_members(actor=None, group=group, people=[cast.acme.super_admin])
    member = group.members.get()
    persons = {
        "auditor": cast.acme.auditor,
        "help desk": make_person(acme, Role.HELP_DESK_ADMIN),
        "stranger": cast.globex.super_admin,
        "agent": cast.resale_one.agent,
    }
    actor = Actor(persons[who])
    attempts: list[Callable[[], object]] = [
        lambda: groups.create_group(actor=actor, customer=acme, email="new@acme.example", name="New"),
        lambda: groups.change_group(actor=actor, group=group, email=group.email, name="Mine", description=""),
        lambda: groups.add_members(actor=actor, group=group, people=[cast.acme.nobody]),
        lambda: groups.change_member_role(actor=actor, member=member, role=MemberRole.OWNER),
        lambda: groups.remove_member(actor=actor, member=member),
        lambda: groups.delete_group(actor=actor, group=group),
    ]
    before = AuditEvent.objects.count()
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    assert (roles_in(group), AuditEvent.objects.count()) == ({cast.acme.super_admin.email: "member"}, before)
    if who == "agent":  # the same agent, once access is in force
        sell(acme, cast.resale_one.reseller)
        propagate()
        for attempt in attempts:
            attempt()
        assert list(acme.directory_groups.values_list("email", flat=True)) == ["new@acme.example"]


def test_R14_access_to_a_group_is_changed_by_the_customers_own_admins_only(cast: Cast) -> None:
    acme = cast.acme.customer
    group = make_group(acme, "Sales")
    sell(acme, cast.resale_one.reseller)
    propagate()

    def open_it(person: User) -> None:
        groups.change_group_access(
            actor=Actor(person),
            group=group,
            who_may_join=WhoMay.ANYBODY,
            who_may_post=WhoMay.ANYBODY,
            who_may_see_members=WhoMay.MEMBERS,
        )

    for person in (cast.resale_one.agent, cast.resale_one.admin, cast.acme.auditor, cast.globex.super_admin):
        with pytest.raises(PermissionDenied):
            open_it(person)
    group.refresh_from_db()
    assert group.who_may_join == WhoMay.ORGANISATION
    for _ in range(2):
        open_it(make_person(acme, Role.USER_MANAGEMENT_ADMIN))
    group.refresh_from_db()
    assert (group.who_may_join, group.who_may_post, group.who_may_see_members) == ("anybody", "anybody", "members")
    event = AuditEvent.objects.get(name="CHANGE_GROUP_SETTING")
    assert event.new_value == {"who_may_join": "anybody", "who_may_post": "anybody", "who_may_see_members": "members"}
