"""The pages of groups."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.directory import groups
from accounts.directory.tree import tree_of
from accounts.models import Customer, DirectoryGroup, GroupMember, User
from accounts.models.directory import MemberRole
from accounts.names import sort_key
from tests.cast import Cast
from tests.client import rows_of
from tests.client import signed_in as browser
from tests.client import url_of as url
from tests.web.console.pages_world import enter

pytestmark = pytest.mark.django_db


def make_group(customer: Customer, name: str) -> DirectoryGroup:
    email = f"{name.lower()}@{customer.primary_domain}"
    return groups.create_group(actor=None, customer=customer, email=email, name=name)


def test_groups_are_found_by_name_and_address(cast: Cast) -> None:
    acme = cast.acme.customer
    for name in ("Équipe", "Sales"):
        groups.create_group(actor=None, customer=acme, email=f"{name[1:]}@acme.example", name=name)
    client = browser(cast.acme.auditor)
    for text, names in {"equi": ["Équipe"], "ALES@": ["Sales"], "": ["Équipe", "Sales"], "nothing": []}.items():
        response = client.get(url("groups", acme), {"q": text})
        assert [group.name for group, _url in response.context["list"].rows.rows] == names, text


def test_a_group_address_without_a_domain_is_at_the_primary_one(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    client.post(url("group_create", acme), {"name": "Sales", "email": "sales"})
    group = DirectoryGroup.objects.get(name="Sales")
    assert group.email == f"sales@{acme.primary_domain}"
    client.post(url("group_edit", acme, group_id=group.pk), {"name": "Sales", "email": "selling"})
    group.refresh_from_db()
    assert group.email == f"selling@{acme.primary_domain}"


@pytest.mark.parametrize(
    ("page", "marks"),
    [
        ("groups", {"groups": "page"}),
        ("group_create", {"groups": "true"}),
        ("user_new", {"users": "true"}),
        ("console_home", {"console_home": "page"}),
        ("account_settings", {"account_settings": "page"}),
        ("import_devices", {"devices": "true"}),
    ],
)
def test_the_drawer_marks_the_page_or_the_one_that_it_lies_below(cast: Cast, page: str, marks: dict[str, str]) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    items = client.get(url(page, acme)).context["navigation"]
    lines = [line for item in items for line in (item, *item.children)]
    assert {line.url: line.current for line in lines if line.current} == {url(n, acme): m for n, m in marks.items()}


def test_a_group_of_ten_thousand_costs_as_many_queries_as_a_small_one(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    group = make_group(acme, "Everybody")
    groups.add_members(actor=None, group=group, people=[cast.acme.nobody])
    address = url("group", acme, group_id=group.pk)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    root = tree_of(acme).root
    people = User.objects.bulk_create(
        User(email=f"p{n}@acme.example", name=f"P {n}", sort_name=sort_key(f"P {n}"), customer=acme, org_unit=root)
        for n in range(10_000)
    )
    with connection.cursor() as cursor:  # or each member's foreign key is checked by a plan for a table of ten rows
        cursor.execute("ANALYZE accounts_user")
    GroupMember.objects.bulk_create(GroupMember(customer=acme, group=group, user=person) for person in people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does, which does not see what is not committed
    with CaptureQueriesContext(connection) as many:
        response = client.get(address)
    assert len(many) == len(few)
    assert (response.context["total"], len(rows_of(response))) == (10_001, 50)
    last = people[-1]
    response = client.get(address, {"q": last.email})
    assert [row.member.user for row in rows_of(response)] == [last]


def test_members_are_searched_by_role_too(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    group = make_group(acme, "Sales")
    groups.add_members(actor=None, group=group, people=[cast.acme.super_admin], role=MemberRole.OWNER)
    groups.add_members(actor=None, group=group, people=[cast.acme.nobody])
    response = client.get(url("group", acme, group_id=group.pk), {"role": "owner"})
    assert [row.member.user for row in rows_of(response)] == [cast.acme.super_admin]


def test_nobody_is_added_until_every_line_is_right_and_nothing_typed_is_lost(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    group = make_group(acme, "Sales")
    address = url("group_members_add", acme, group_id=group.pk)
    typed = "dave@acme.example\nnobody@acme.example\ngina@globex.example"
    response = client.post(address, {"members": typed, "role": "owner"})
    assert response.status_code == 422
    assert typed in response.text
    for line in ("Line 2, nobody@acme.example", "Line 3, gina@globex.example"):
        assert line in response.text
    assert group.members.count() == 0
    response = client.post(address, {"members": "dave@acme.example\n\nDAVE@acme.example", "role": "owner"}, follow=True)
    assert "1 member was added." in response.text
    assert [(member.user, member.role) for member in group.members.all()] == [(cast.acme.nobody, "owner")]
    pasted = client.post(address, {"members": "x\ndave@acme.example, nobody@acme.example; ", "role": "owner"})
    assert "Line 2, nobody@acme.example" in pasted.text
    assert "Line 2, dave@" not in pasted.text
    response = client.post(address, {"members": "dave@acme.example, DAVE@acme.example;", "role": "member"}, follow=True)
    assert "1 was in the group already." in response.text


def test_a_group_of_a_stranger_does_not_exist(cast: Cast) -> None:
    acme, globex, client = cast.acme.customer, cast.globex.customer, browser(cast.acme.super_admin)
    mine, theirs = make_group(acme, "Mine"), make_group(globex, "Theirs")
    groups.add_members(actor=None, group=theirs, people=[cast.globex.nobody])
    groups.add_members(actor=None, group=mine, people=[cast.acme.nobody])
    member, own = theirs.members.get(), mine.members.get()
    for name in ("group", "group_edit", "group_access", "group_members_add"):
        for group_id in (theirs.pk, 10**30):
            assert client.get(url(name, acme, group_id=group_id)).status_code == 404
    assert client.post(url("group_delete", acme, group_id=theirs.pk)).status_code == 404
    for group_id, member_id in ((mine.pk, member.pk), (theirs.pk, member.pk), (theirs.pk, own.pk), (mine.pk, 10**30)):
        for name in ("group_member_remove", "group_member_role"):
            address = url(name, acme, group_id=group_id, member_id=member_id)
            assert client.post(address, {"role": "owner"}).status_code == 404
    response = client.post(
        url("group_members_add", acme, group_id=mine.pk), {"members": theirs.email, "role": "member"}
    )
    assert response.status_code == 422
    assert (theirs.members.get().role, mine.members.count()) == ("member", 1)


def test_R14_an_agent_manages_groups_and_never_their_access(cast: Cast) -> None:
    acme = cast.acme.customer
    ana, group = enter(cast), make_group(acme, "Sales")
    text = ana.get(url("group", acme, group_id=group.pk)).text
    assert url("group_members_add", acme, group_id=group.pk) in text
    assert url("group_access", acme, group_id=group.pk) not in text
    access = {"who_may_join": "anybody", "who_may_post": "anybody", "who_may_see_members": "anybody"}
    assert ana.post(url("group_access", acme, group_id=group.pk), access).status_code == 403
    assert ana.post(url("group_create", acme), {"name": "New", "email": "new@acme.example"}).status_code == 302
    # A form for what a group is called says nothing about its access, whatever else it is sent with.
    ana.post(url("group_edit", acme, group_id=group.pk), {"name": "Sold", "email": group.email, **access})
    group.refresh_from_db()
    assert (group.name, group.who_may_join) == ("Sold", "organisation")


def test_a_role_that_does_not_exist_changes_nothing(cast: Cast) -> None:
    acme, client = cast.acme.customer, browser(cast.acme.super_admin)
    group = make_group(acme, "Sales")
    groups.add_members(actor=None, group=group, people=[cast.acme.nobody])
    member = group.members.get()
    address = url("group_member_role", acme, group_id=group.pk, member_id=member.pk)
    assert "Nothing was changed" in client.post(address, {"role": "king"}, follow=True).text
    client.post(address, {"role": "manager"})
    member.refresh_from_db()
    assert member.role == MemberRole.MANAGER
