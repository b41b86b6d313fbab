"""Groups over SCIM (P15): created with an address, found, renamed, filled and emptied by the verbs of the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from accounts.directory.groups import add_members, create_group
from accounts.models import AuditEvent, Customer, DirectoryGroup, User
from accounts.models.directory import MemberRole
from accounts.models.provisioning import Provisioned
from tests.api.scim_world import Program
from tests.factories import make_customer, make_person


def member(person: User | DirectoryGroup) -> dict[str, str]:
    return {"value": f"{'u' if isinstance(person, User) else 'g'}{person.pk}"}


def emails_in(name: str) -> set[str]:
    rows = DirectoryGroup.objects.get(name=name).members.select_related("user", "subgroup")
    return {(row.user or row.subgroup).email for row in rows}


def test_P15_a_group_gets_an_address_made_of_its_name(acme: Customer, entra: Program) -> None:
    ana = make_person(acme, name="Ana")
    made = entra.create_group("Équipe Ventes", externalId="g-1", members=[member(ana)])
    assert made.status_code == 201
    group = DirectoryGroup.objects.get()
    assert (group.name, group.email) == ("Équipe Ventes", "equipe-ventes@acme.example")
    said = made.json()
    assert (said["id"], said["externalId"], said["displayName"]) == (f"g{group.pk}", "g-1", "Équipe Ventes")
    [shown] = said["members"]
    assert (shown["value"], shown["type"]) == (f"u{ana.pk}", "User")
    assert shown["$ref"].endswith(f"/scim/v2/Users/u{ana.pk}")
    events = AuditEvent.objects.filter(target_kind="group").order_by("at", "id").values_list("name", "actor_email")
    names = ["CREATE_GROUP", "CHANGE_GROUP", "ADD_GROUP_MEMBER"]
    assert list(events) == [(name, "Entra ID (SCIM)") for name in names]
    for again in ("equipe-ventes-2", "equipe-ventes-3"):
        entra.create_group("Équipe ventes")
        assert DirectoryGroup.objects.filter(email=f"{again}@acme.example").exists()
    assert entra.create_group("日本").status_code == entra.create_group("!!!").status_code == 201


def operations(ana: User, ben: User) -> list[tuple[dict[str, Any], set[str]]]:
    a, b = member(ana), member(ben)
    both = {ana.email, ben.email}
    return [
        ({"op": "Add", "path": "members", "value": [b]}, both),
        ({"op": "add", "path": "members", "value": b}, both),
        ({"op": "add", "value": {"members": [b]}}, both),
        ({"op": "Remove", "path": "members", "value": [a]}, set()),
        ({"op": "remove", "path": f'members[value eq "{a["value"]}"]'}, set()),
        ({"op": "remove", "path": "members"}, set()),
        ({"op": "replace", "path": "members", "value": [b]}, {ben.email}),
        ({"op": "replace", "value": {"displayName": "Sales", "members": [a, b]}}, both),
        ({"op": "replace", "path": "members", "value": []}, set()),
        ({"op": "add", "path": "members", "value": [a]}, {ana.email}),
    ]


@pytest.mark.parametrize("number", range(10))
def test_P15_members_change_in_the_forms_that_providers_send(acme: Customer, entra: Program, number: int) -> None:
    ana, ben = make_person(acme, name="Ana"), make_person(acme, name="Ben")
    made = entra.create_group("Sales", members=[member(ana)]).json()
    operation, expected = operations(ana, ben)[number]
    answer = entra.patch(f"Groups/{made['id']}", operation)
    assert (answer.status_code, answer.content) == (204, b""), answer.content
    assert emails_in("Sales") == expected


def test_P15_an_owner_stays_an_owner_and_the_address_stays_too(acme: Customer, entra: Program) -> None:
    group = create_group(actor=None, customer=acme, email="boss@acme.example", name="Boss", description="Of all")
    ana, ben = make_person(acme, name="Ana"), make_person(acme, name="Ben")
    add_members(actor=None, group=group, people=[ana], role=MemberRole.OWNER)
    answer = entra.send("PUT", f"Groups/g{group.pk}", {"displayName": "Bosses", "members": [member(ana), member(ben)]})
    assert answer.status_code == 200
    group.refresh_from_db()
    assert (group.name, group.email, group.description) == ("Bosses", "boss@acme.example", "Of all")
    assert dict(group.members.values_list("user__name", "role")) == {"Ana": "owner", "Ben": "member"}
    entra.send("PUT", f"Groups/g{group.pk}", {"displayName": "Bosses"})
    assert emails_in("Bosses") == {ana.email, ben.email}


def test_P15_nobody_from_elsewhere_gets_in_and_no_circle_closes(acme: Customer, entra: Program) -> None:
    stranger = make_person(make_customer("Globex", "globex.example"))
    group = entra.create_group("Sales").json()
    for value in (f"u{stranger.pk}", "u0", "g999999", "x", ""):
        answer = entra.patch(f"Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": value}]})
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue"), value
        assert "members" in answer.json()["detail"]
    inner = entra.create_group("Inner", members=[{"value": group["id"]}])
    assert inner.status_code == 201
    circle = entra.patch(
        f"Groups/{group['id']}", {"op": "add", "path": "members", "value": [{"value": inner.json()["id"]}]}
    )
    assert circle.status_code == 400
    assert emails_in("Sales") == set()


def test_P15_groups_are_found_as_providers_ask(acme: Customer, entra: Program) -> None:
    ana = make_person(acme, name="Ana")
    sales = entra.create_group("Sales", externalId="s", members=[member(ana)]).json()["id"]
    entra.create_group("Support")
    create_group(
        actor=None, customer=make_customer("Globex", "globex.example"), email="sales@globex.example", name="Sales"
    )
    for asked in (
        'displayName eq "sales"',
        'externalId eq "s"',
        f'id eq "{sales}" and members eq "u{ana.pk}"',
        f'members.value eq "u{ana.pk}"',
        f'members[value eq "u{ana.pk}"]',
    ):
        said = entra.get(f"Groups?filter={asked}&excludedAttributes=members").json()
        assert [one["id"] for one in said["Resources"]] == [sales], asked
        assert "members" not in said["Resources"][0]
    assert entra.get('Groups?filter=members eq "u0"').json()["totalResults"] == 0


def test_P15_a_deleted_group_is_gone_and_its_people_stay(acme: Customer, entra: Program) -> None:
    ana = make_person(acme, name="Ana")
    made = entra.create_group("Sales", members=[member(ana)]).json()
    assert entra.send("DELETE", f"Groups/{made['id']}").status_code == 204
    assert entra.get(f"Groups/{made['id']}").status_code == 404
    ana.refresh_from_db()
    assert ana.is_active


@pytest.mark.parametrize("number", [1, 100])
def test_P15_a_list_of_groups_takes_the_same_queries_for_one_and_for_a_hundred(
    acme: Customer, entra: Program, number: int, django_assert_num_queries: Any
) -> None:
    ana = make_person(acme)
    for each in range(number):
        group = create_group(actor=None, customer=acme, email=f"g{each}@acme.example", name=f"Group {each}")
        add_members(actor=None, group=group, people=[ana])
    with django_assert_num_queries(5):
        # The token (2), a page of groups, who is in them, how many there are.
        answer = entra.get("Groups?count=200")
    assert [len(one["members"]) for one in answer.json()["Resources"]] == [1] * number


def test_P15_a_group_that_the_release_before_deletes_takes_what_is_kept_about_it_along(entra: Program) -> None:
    entra.create_group("Sales", externalId="g-1")
    with connection.cursor() as cursor:  # it knows no table of ours
        cursor.execute("DELETE FROM accounts_address WHERE group_id IS NOT NULL; DELETE FROM accounts_directorygroup")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Provisioned.objects.exists()
