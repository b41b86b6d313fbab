"""Members of groups in the Directory API, called with Google's own client."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.directory.suspending import suspend_users
from accounts.models import AuditEvent, GroupMember
from subscriptions.leaving import delete_user_with_licences
from tests.api.directory.world import all_pages, make_group, refusal, refusal_in_words
from tests.api.google import service
from tests.api.machines import machine
from tests.cast import Cast


@pytest.fixture
def members(cast: Cast) -> Any:
    return service(Client(), machine(cast.acme.super_admin), "admin", "directory_v1").members()


def emails(answer: dict[str, Any]) -> list[str]:
    return [member["email"] for member in answer["members"]]


def test_a_person_is_put_into_a_group_gets_a_role_and_is_taken_out(members: Any, cast: Cast) -> None:
    # https://developers.google.com/workspace/admin/directory/v1/guides/manage-group-members
    sales, dave = make_group(cast.acme.customer, "Sales"), cast.acme.nobody
    dave.refresh_from_db()
    added = members.insert(groupKey=sales.email, body={"email": "DAVE@acme.example", "role": "MANAGER"}).execute()
    assert {**added, "etag": ""} == {
        "kind": "admin#directory#member",
        "etag": "",
        "id": dave.public_id,
        "email": dave.email,
        "role": "MANAGER",
        "type": "USER",
        "status": "ACTIVE",
        "delivery_settings": "ALL_MAIL",
    }
    for key in (dave.email, dave.public_id):
        assert members.get(groupKey=sales.email, memberKey=key).execute() == added
    assert (
        members.patch(groupKey=sales.email, memberKey=dave.email, body={"role": "OWNER"}).execute()["role"] == "OWNER"
    )
    assert members.update(groupKey=sales.email, memberKey=dave.email, body={}).execute()["role"] == "OWNER"
    suspend_users(actor=None, organisation=cast.acme.customer, people=[dave.pk])
    [listed] = members.list(groupKey=sales.email).execute()["members"]
    assert (listed["status"], listed["role"]) == ("SUSPENDED", "OWNER")
    assert members.delete(groupKey=sales.email, memberKey=dave.email).execute() == ""
    assert not GroupMember.objects.exists()
    assert refusal(members.delete(groupKey=sales.email, memberKey=dave.email)) == (404, "notFound")
    written = AuditEvent.objects.filter(name__contains="GROUP_MEMBER").order_by("id").values_list("name", flat=True)
    assert list(written) == ["ADD_GROUP_MEMBER", "UPDATE_GROUP_MEMBER", "REMOVE_GROUP_MEMBER"]


def test_a_group_in_a_group_is_a_plain_member(members: Any, cast: Cast) -> None:
    acme = cast.acme.customer
    outer, inner = make_group(acme, "Outer"), make_group(acme, "Inner")
    body = {"email": inner.email}
    for role in ("OWNER", "MANAGER"):
        assert refusal(members.insert(groupKey=outer.email, body=body | {"role": role})) == (400, "invalid")
    added = members.insert(groupKey=outer.email, body=body | {"role": "MEMBER"}).execute()
    assert (added["type"], added["role"]) == ("GROUP", "MEMBER")
    assert refusal(members.patch(groupKey=outer.email, memberKey=inner.email, body={"role": "OWNER"})) == (
        400,
        "invalid",
    )
    for into, sent in ((inner, outer), (outer, outer)):
        said = refusal_in_words(members.insert(groupKey=into.email, body={"email": sent.email}))
        assert said == (412, "conditionNotMet", "Cyclic memberships not allowed")


def test_who_is_no_member_or_none_here_is_refused_as_the_original_refuses(members: Any, cast: Cast) -> None:
    sales, dave = make_group(cast.acme.customer, "Sales", cast.acme.nobody), cast.acme.nobody
    assert refusal(members.insert(groupKey=sales.email, body={"email": dave.email})) == (409, "duplicate")
    assert refusal(members.insert(groupKey=sales.email, body={"role": "MEMBER"})) == (400, "required")
    assert refusal(members.insert(groupKey=sales.email, body={"email": dave.email, "role": "BOSS"})) == (400, "invalid")
    for key in ("who@elsewhere.example", cast.globex.nobody.email, "nobody@acme.example", "123"):
        assert refusal(members.insert(groupKey=sales.email, body={"email": key})) == (404, "notFound")
        assert refusal(members.get(groupKey=sales.email, memberKey=key)) == (404, "notFound")
        assert refusal(members.hasMember(groupKey=sales.email, memberKey=key)) == (404, "notFound")
    assert refusal(members.get(groupKey=sales.email, memberKey=cast.acme.auditor.email)) == (404, "notFound")
    assert refusal(members.patch(groupKey=sales.email, memberKey=dave.email, body={"role": "x"})) == (400, "invalid")
    sent = {"delivery_settings": "DIGEST"}
    assert refusal(members.patch(groupKey=sales.email, memberKey=dave.email, body=sent)) == (400, "invalid")
    assert GroupMember.objects.get().role == "member"


@pytest.fixture
def nested(cast: Cast) -> None:
    """Outer has Carol and Middle in it, Middle has Carol, Dave and Inner, Inner has Bob."""
    acme, people = cast.acme.customer, cast.acme
    inner = make_group(acme, "Inner", people.support_manager)
    middle = make_group(acme, "Middle", people.auditor, people.nobody, inner)
    make_group(acme, "Outer", people.auditor, middle)


def test_members_through_other_groups_are_listed_once(members: Any, nested: None, cast: Cast) -> None:
    direct = members.list(groupKey="outer@acme.example").execute()
    assert emails(direct) == ["carol@acme.example", "middle@acme.example"]
    asked: dict[str, Any] = {"groupKey": "outer@acme.example", "includeDerivedMembership": True}
    everyone = members.list(**asked).execute()
    assert set(emails(everyone)) == {f"{name}@acme.example" for name in ("carol", "middle", "dave", "inner", "bob")}
    assert len(everyone["members"]) == 5
    pages = all_pages(members, "list", "members", maxResults=2, **asked)
    assert [member["email"] for page in pages for member in page] == emails(everyone)
    assert [len(page) for page in pages] == [2, 2, 1]
    delete_user_with_licences(actor=None, person=cast.acme.nobody)
    assert "dave@acme.example" not in emails(members.list(**asked).execute())


def test_roles_of_a_group_are_those_given_there(members: Any, nested: None, cast: Cast) -> None:
    GroupMember.objects.filter(user=cast.acme.auditor, group__name="Outer").update(role="owner")
    GroupMember.objects.filter(user=cast.acme.nobody, group__name="Middle").update(role="owner")

    def listed(**asked: Any) -> dict[str, str]:
        answer = members.list(groupKey="outer@acme.example", **asked).execute()
        return {member["email"].partition("@")[0]: member["role"] for member in answer["members"]}

    assert listed(roles="OWNER") == {"carol": "OWNER"}
    assert listed(roles="owner,MANAGER", includeDerivedMembership=True) == {"carol": "OWNER"}
    rest = dict.fromkeys(("middle", "dave", "inner", "bob"), "MEMBER")
    assert listed(includeDerivedMembership=True) == {"carol": "OWNER", **rest}
    assert listed(roles="MEMBER", includeDerivedMembership=True) == rest
    assert refusal(members.list(groupKey="outer@acme.example", roles="OWNER,BOSS")) == (400, "invalid")


def test_has_member_knows_direct_and_nested_members(members: Any, nested: None, cast: Cast) -> None:
    def has(group: str, member: str) -> bool:
        asked = {"groupKey": f"{group}@acme.example", "memberKey": f"{member}@acme.example"}
        return bool(members.hasMember(**asked).execute()["isMember"])

    assert [has("outer", name) for name in ("carol", "middle", "dave", "inner", "bob", "alice")] == [True] * 5 + [False]
    assert [has("inner", name) for name in ("bob", "dave", "outer")] == [True, False, False]
    cast.acme.support_manager.refresh_from_db()
    found = members.hasMember(groupKey="outer@acme.example", memberKey=cast.acme.support_manager.public_id).execute()
    assert found == {"isMember": True}
