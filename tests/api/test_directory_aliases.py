"""directory.users.aliases and directory.groups.aliases with the original's own client."""

from __future__ import annotations

import pytest

from accounts.directory.groups import change_group, create_group
from accounts.directory.renaming import ALIASES_AT_MOST, add_alias
from accounts.models import Address, AuditEvent, Customer, DirectoryGroup, User
from accounts.roles import Role
from tests.api.people_world import Directory, events_about, reason_of, said
from tests.factories import make_customer, make_domain, make_person


@pytest.fixture
def bob(acme: Customer) -> User:
    return make_person(acme, name="Bob Smith", email="bob@acme.example")


@pytest.fixture
def team(acme: Customer) -> DirectoryGroup:
    return create_group(actor=None, customer=acme, email="team@acme.example", name="Team")


@pytest.fixture
def api(ana: User) -> Directory:
    return Directory.of(ana)


def test_a_person_gets_an_alias_and_loses_it(api: Directory, bob: User, acme: Customer) -> None:
    make_domain(acme, "labs.example")
    aliases = api.users.aliases()
    shown = aliases.insert(userKey=bob.email, body={"alias": "Rob@LABS.example"}).execute()
    shown.pop("etag", None)
    expected = {
        "kind": "admin#directory#alias",
        "id": bob.public_id,
        "primaryEmail": "bob@acme.example",
        "alias": "rob@labs.example",
    }
    assert shown == expected
    [listed] = aliases.list(userKey=bob.public_id).execute()["aliases"]
    assert {name: listed[name] for name in expected} == expected
    assert api.users.get(userKey="rob@labs.example").execute()["aliases"] == ["rob@labs.example"]
    aliases.delete(userKey=bob.email, alias="ROB@labs.example").execute()
    assert "aliases" not in aliases.list(userKey=bob.email).execute()
    assert events_about(bob)[-2:] == ["ADD_ALIAS", "REMOVE_ALIAS"]
    assert said(aliases.delete(userKey=bob.email, alias="rob@labs.example")) == (
        404,
        "notFound",
        "Resource Not Found: alias",
    )
    assert reason_of(aliases.delete(userKey=bob.email, alias=bob.email)) == (400, "invalid")


def test_a_group_gets_an_alias_and_loses_it(api: Directory, team: DirectoryGroup) -> None:
    aliases = api.client.groups().aliases()
    shown = aliases.insert(groupKey=team.email, body={"alias": "crew@acme.example"}).execute()
    assert (shown["id"], shown["alias"]) == (team.public_id, "crew@acme.example")
    [listed] = aliases.list(groupKey="crew@acme.example").execute()["aliases"]
    assert listed["primaryEmail"] == "team@acme.example"
    aliases.delete(groupKey=team.public_id, alias="crew@acme.example").execute()
    events = AuditEvent.objects.filter(target_kind="group", target_id=team.pk).order_by("id")
    assert list(events.values_list("name", flat=True))[1:] == ["ADD_GROUP_ALIAS", "REMOVE_GROUP_ALIAS"]
    assert reason_of(aliases.delete(groupKey=team.email, alias="crew@acme.example")) == (404, "notFound")


def test_P9_an_alias_is_nobody_elses_and_at_an_own_domain(api: Directory, bob: User, team: DirectoryGroup) -> None:
    make_customer("Globex", "globex.example")
    aliases = api.users.aliases()
    for taken in (bob.email, "ana@acme.example", team.email):
        assert reason_of(aliases.insert(userKey=bob.email, body={"alias": taken})) == (409, "duplicate")
        of_group = api.client.groups().aliases().insert(groupKey=team.email, body={"alias": taken})
        assert reason_of(of_group) == (409, "duplicate")
    for elsewhere in ("bob@globex.example", "bob@nobody.example", "bob@gmail.com", "no address", ""):
        assert reason_of(aliases.insert(userKey=bob.email, body={"alias": elsewhere})) == (400, "invalid"), elsewhere


def test_there_are_30_aliases_at_most(api: Directory, bob: User) -> None:
    for number in range(ALIASES_AT_MOST):
        add_alias(actor=None, person=bob, email=f"b{number}@acme.example")
    request = api.users.aliases().insert(userKey=bob.email, body={"alias": "more@acme.example"})
    assert reason_of(request) == (412, "conditionNotMet")


def test_a_group_keeps_its_aliases_when_its_address_changes(api: Directory, team: DirectoryGroup) -> None:
    aliases = api.client.groups().aliases()
    for alias in ("crew@acme.example", "all@acme.example"):
        aliases.insert(groupKey=team.email, body={"alias": alias}).execute()
    change_group(actor=None, group=team, email="crew@acme.example", name="Team", description="")
    assert set(Address.objects.filter(group=team).values_list("email", flat=True)) == {
        "crew@acme.example",
        "all@acme.example",
    }
    change_group(actor=None, group=team, email="staff@acme.example", name="Team", description="")
    assert set(Address.objects.filter(group=team).values_list("email", flat=True)) == {
        "staff@acme.example",
        "all@acme.example",
    }


def test_strangers_groups_are_none(api: Directory) -> None:
    """Mirror: the same sentence for a group of another customer, and for none."""
    globex = make_customer("Globex", "globex.example")
    theirs = create_group(actor=None, customer=globex, email="team@globex.example", name="Team")
    aliases = api.client.groups().aliases()
    for key in (theirs.email, theirs.public_id, "nobody@acme.example", "0" * 15):
        for request in (
            aliases.list(groupKey=key),
            aliases.insert(groupKey=key, body={"alias": "a@acme.example"}),
            aliases.delete(groupKey=key, alias="a@acme.example"),
        ):
            assert said(request) == (404, "notFound", "Resource Not Found: groupKey")


def test_who_only_reads_adds_nothing(acme: Customer, ana: User, bob: User) -> None:
    reader = Directory.of(make_person(acme, Role.AUDITOR, name="Rita"))
    assert reader.users.aliases().list(userKey=bob.email).execute()["kind"] == "admin#directory#aliases"
    insert = reader.users.aliases().insert(userKey=bob.email, body={"alias": "rob@acme.example"})
    assert reason_of(insert) == (403, "forbidden")
