"""People over SCIM (P15): created, found, changed, suspended and deleted by the verbs of the pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from accounts.directory.people import assign_role, suspend_user
from accounts.models import AuditEvent, Customer, Provisioned, User
from accounts.models.event_names import EventName
from accounts.roles import Role
from tests.accounts.reading_notices import tell, told, untell
from tests.api.scim_world import Program, admin_of, program_of
from tests.client import signed_in
from tests.factories import make_customer, make_domain, make_person, make_reseller


def events_of(person: User) -> list[tuple[str, str]]:
    events = AuditEvent.objects.filter(target_kind="user", target_id=person.pk).order_by("at", "id")
    return [(event.name, event.actor_email) for event in events]


def id_of(person: User) -> str:
    return f"u{person.pk}"


def test_P15_who_is_created_is_a_person_of_the_directory_and_the_log_names_the_token(entra: Program) -> None:
    answer = entra.create(
        "Zoe@Acme.example",
        displayName="Zoe Martin",
        name={"givenName": "Zoe", "familyName": "Martin"},
        externalId="0f1e",
        emails=[{"value": "zoe@acme.example", "type": "work", "primary": True}],
        title="Engineer",
        active=True,
    )
    assert answer.status_code == 201
    said, person = answer.json(), User.objects.get(email="zoe@acme.example")
    assert answer.headers["Location"] == said["meta"]["location"]
    assert said["meta"]["location"].endswith(f"/scim/v2/Users/{id_of(person)}")
    assert said | {"meta": None, "schemas": None} == {
        "schemas": None,
        "id": id_of(person),
        "externalId": "0f1e",
        "userName": "zoe@acme.example",
        "displayName": "Zoe Martin",
        "name": {"givenName": "Zoe", "familyName": "Martin"},
        "active": True,
        "emails": [{"value": "zoe@acme.example", "type": "work", "primary": True}],
        "meta": None,
    }
    assert (person.name, person.has_usable_password(), person.roles) == ("Zoe Martin", False, frozenset())
    assert events_of(person) == [("CREATE_USER", "Entra ID (SCIM)"), ("CHANGE_USER", "Entra ID (SCIM)")]
    event = AuditEvent.objects.filter(name=EventName.CREATE_USER, target_id=person.pk).get()
    assert (event.actor_kind, event.actor_id, event.actor_organisation) == ("customer", None, "Acme")
    assert event.ip_address == "127.0.0.1"


@pytest.mark.parametrize(
    ("named", "name"),
    [
        ({"displayName": "Zo"}, "Zo"),
        ({"name": {"formatted": "Ms Zoe Martin"}}, "Ms Zoe Martin"),
        ({"name": {"givenName": "Zoe", "familyName": "Martin"}}, "Zoe Martin"),
        ({}, "zoe"),
    ],
)
def test_P15_a_person_is_called_what_the_provider_says_best(
    entra: Program, named: dict[str, object], name: str
) -> None:
    assert entra.create("zoe@acme.example", **named).json()["displayName"] == name


@pytest.mark.parametrize(
    ("address", "status", "kind"),
    [
        ("zoe@elsewhere.example", 400, "invalidValue"),
        ("zoe@pending.example", 400, "invalidValue"),
        ("zoe@gmail.com", 400, "invalidValue"),
        ("zoe", 400, "invalidValue"),
        ("ana@acme.example", 409, "uniqueness"),
        ("ANA@acme.example", 409, "uniqueness"),
    ],
)
def test_P9_people_only_at_verified_domains_and_each_address_once(
    acme: Customer, entra: Program, address: str, status: int, kind: str
) -> None:
    make_person(acme, email="ana@acme.example")
    make_domain(acme, "pending.example")
    before = User.objects.count()
    answer = entra.create(address)
    said = answer.json()
    assert (answer.status_code, said["status"], said["scimType"]) == (status, str(status), kind)
    assert said["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert "userName" in said["detail"]
    assert User.objects.count() == before


def test_P15_a_key_of_the_provider_is_one_person_s_in_each_organisation(entra: Program) -> None:
    assert entra.create("zoe@acme.example", externalId="7").status_code == 201
    again = entra.create("max@acme.example", externalId="7")
    assert (again.status_code, again.json()["scimType"]) == (409, "uniqueness")
    assert not User.objects.filter(email="max@acme.example").exists()
    other = program_of(make_customer("Globex", "globex.example"))
    assert other.create("zoe@globex.example", externalId="7").status_code == 201


def test_P11_new_people_get_a_link_where_the_token_says_so(acme: Customer) -> None:
    program_of(acme, "Quiet").create("quiet@acme.example")
    program_of(acme, "Inviting", invites=True).create("loud@acme.example")
    invited = AuditEvent.objects.filter(name=EventName.INVITE_USER).values_list("subject", flat=True)
    assert list(invited) == ["loud@acme.example"]


def test_P8_a_person_who_is_deactivated_is_out_with_the_next_request(acme: Customer, entra: Program) -> None:
    person = make_person(acme, Role.AUDITOR)
    browser = signed_in(person)
    assert browser.get("/console/acme.example/").status_code == 200
    answer = entra.patch(f"Users/{id_of(person)}", {"op": "Replace", "path": "active", "value": "False"})
    assert (answer.status_code, answer.json()["active"]) == (200, False)
    assert browser.get("/console/acme.example/").status_code == 302
    person.refresh_from_db()
    assert not person.is_active and person.suspended_at
    answer = entra.patch(f"Users/{id_of(person)}", {"op": "Replace", "value": {"active": True}})
    assert answer.json()["active"] is True
    assert [name for name, _actor in events_of(person)][-2:] == ["SUSPEND_USER", "UNSUSPEND_USER"]


def test_P15_delete_deletes_as_the_page_does_and_the_person_is_there_no_more(acme: Customer, entra: Program) -> None:
    person = make_person(acme)
    assert entra.send("DELETE", f"Users/{id_of(person)}").status_code == 204
    person.refresh_from_db()
    assert person.deleted_at
    assert entra.get(f"Users/{id_of(person)}").status_code == 404
    assert entra.send("DELETE", f"Users/{id_of(person)}").status_code == 404
    assert entra.get(f'Users?filter=userName eq "{person.email}"').json()["totalResults"] == 0


def test_P15_the_same_person_comes_back_and_nobody_else_gets_what_was_theirs(entra: Program) -> None:
    made = entra.create("zoe@acme.example", externalId="7").json()
    entra.send("DELETE", f"Users/{made['id']}")
    for another in ({}, {"externalId": "8"}):
        refused = entra.create("zoe@acme.example", **another)
        assert (refused.status_code, refused.json()["scimType"]) == (409, "uniqueness")
    back = entra.create("zoe@acme.example", externalId="7", displayName="Zoe Again")
    assert (back.status_code, back.json()["id"], back.json()["displayName"]) == (201, made["id"], "Zoe Again")
    assert back.json()["active"] is True
    # Who comes back with another address and the key of the deleted is a new person.
    entra.send("DELETE", f"Users/{made['id']}")
    assert entra.create("zoe.martin@acme.example", externalId="7").json()["id"] != made["id"]


@pytest.mark.parametrize("how", ["patch", "put", "delete"])
def test_P7_the_last_super_admin_stays_and_the_admins_are_told_once_a_day(
    acme: Customer, entra: Program, how: str
) -> None:
    admin, url = admin_of(acme), f"Users/u{admin_of(acme).pk}"
    untell()

    def take_away() -> None:
        if how == "delete":
            answer = entra.send("DELETE", url)
        elif how == "put":
            answer = entra.send("PUT", url, {"userName": admin.email, "active": False})
        else:
            answer = entra.patch(url, {"op": "replace", "path": "active", "value": False})
        assert answer.status_code == 409
        assert "last active super admin" in answer.json()["detail"]

    for _time in range(3):
        take_away()
    admin.refresh_from_db()
    assert admin.is_active and not admin.deleted_at
    [event] = AuditEvent.objects.filter(name=EventName.KEEP_LAST_ADMIN)
    assert (event.subject, event.actor_email) == (admin.email, "Entra ID (SCIM)")
    tell()
    assert told(admin) == [f"Your identity provider wants to remove {admin.email}, who is the last admin and was kept"]
    Provisioned.objects.update(told_at=F("told_at") - timedelta(days=1, minutes=1))
    take_away()
    assert AuditEvent.objects.filter(name=EventName.KEEP_LAST_ADMIN).count() == 2


def test_P7_a_super_admin_who_is_not_the_last_can_be_dismissed(acme: Customer, entra: Program) -> None:
    second = make_person(acme, Role.SUPER_ADMIN)
    assert entra.patch(f"Users/{id_of(second)}", {"op": "replace", "path": "active", "value": False}).status_code == 200
    second.refresh_from_db()
    assert not second.is_active


def test_P13_a_program_gives_nothing_that_asks_for_a_proof(acme: Customer, entra: Program) -> None:
    second = make_person(acme, Role.SUPER_ADMIN)
    renamed = entra.patch(f"Users/{id_of(second)}", {"op": "replace", "path": "userName", "value": "x@acme.example"})
    assert (renamed.status_code, "scimType" in renamed.json()) == (403, False)
    suspend_user(actor=None, person=second)
    restored = entra.patch(f"Users/{id_of(second)}", {"op": "replace", "path": "active", "value": True})
    assert restored.status_code == 403
    second.refresh_from_db()
    assert not second.is_active


def test_P15_no_role_comes_with_what_a_provider_sends(entra: Program) -> None:
    roles = [{"value": "super_admin", "primary": True}]
    made = entra.create("zoe@acme.example", roles=roles, entitlements=roles).json()
    entra.patch(f"Users/{made['id']}", {"op": "add", "path": "roles", "value": roles})
    entra.patch(f"Users/{made['id']}", {"op": "add", "path": 'roles[primary eq "True"].value', "value": "super_admin"})
    assert User.objects.get(email="zoe@acme.example").roles == frozenset()
    assert "roles" not in entra.get(f"Users/{made['id']}").json()


def test_P15_put_replaces_and_keeps_what_it_leaves_out_of_active(entra: Program) -> None:
    made = entra.create("zoe@acme.example", externalId="7", name={"givenName": "Zoe"}, active=False).json()
    answer = entra.send("PUT", f"Users/{made['id']}", {"userName": "zoe.m@acme.example", "displayName": "Zoe M"})
    said = answer.json()
    assert (said["userName"], said["displayName"], said["active"]) == ("zoe.m@acme.example", "Zoe M", False)
    assert "externalId" not in said and "name" not in said
    assert {"value": "zoe@acme.example", "type": "other"} in said["emails"]


@pytest.mark.parametrize(
    ("operations", "changed"),
    [
        ([{"op": "Replace", "path": "displayName", "value": "Zoe B"}], {"displayName": "Zoe B"}),
        ([{"op": "Add", "path": "name.familyName", "value": "B"}], {"displayName": "Zoe B"}),
        ([{"op": "replace", "value": {"name.familyName": "B", "externalId": "9"}}], {"externalId": "9"}),
        ([{"op": "replace", "value": {"name": {"familyName": "B"}}}], {"displayName": "Zoe B"}),
        ([{"op": "Add", "path": "name.formatted", "value": "Dr Zoe"}], {"displayName": "Dr Zoe"}),
        ([{"op": "replace", "path": "userName", "value": "zoe.b@acme.example"}], {"userName": "zoe.b@acme.example"}),
        ([{"op": "Remove", "path": "externalId"}], {"externalId": None}),
        ([{"op": "Replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:displayName", "value": "Z"}],
         {"displayName": "Z"}),
        # What the directory does not keep changes nothing, and is no reason to stop.
        ([{"op": "Add", "path": 'emails[type eq "work"].value', "value": "no address"},
          {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "1"},
          {"op": "Add", "path": "title", "value": "Boss"},
          {"op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "value": "3"}],
         {}),
    ],
)  # fmt: skip
def test_P15_patch_takes_the_forms_that_providers_send(
    entra: Program, operations: list[dict[str, object]], changed: dict[str, object]
) -> None:
    before = entra.create("zoe@acme.example", name={"givenName": "Zoe", "familyName": "Martin"}, externalId="7").json()
    answer = entra.patch(f"Users/{before['id']}", *operations)
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert {name: said.get(name) for name in changed} == changed
    kept = {"id", "userName", "active", "displayName", "externalId"} - changed.keys() - {"displayName"}
    assert {name: said.get(name) for name in kept} == {name: before.get(name) for name in kept}


def test_P15_a_request_is_done_as_a_whole_or_not_at_all(acme: Customer, entra: Program) -> None:
    person = make_person(acme, name="Zoe")
    answer = entra.patch(
        f"Users/{id_of(person)}",
        {"op": "replace", "path": "displayName", "value": "Other"},
        {"op": "replace", "path": "userName", "value": "zoe@elsewhere.example"},
    )
    assert answer.status_code == 400
    person.refresh_from_db()
    assert person.name == "Zoe"


def test_P15_a_reseller_keeps_its_staff_and_has_no_groups(db: None) -> None:
    reseller = make_reseller("Resale", "resale.example")
    okta = program_of(reseller, "Okta")
    made = okta.create("tom@resale.example", displayName="Tom").json()
    tom = User.objects.get(email="tom@resale.example")
    assert (tom.reseller, tom.roles) == (reseller, frozenset())
    event = AuditEvent.objects.get(name=EventName.CREATE_USER, target_id=tom.pk)
    assert (event.actor_reseller_id, event.actor_email) == (reseller.pk, "Okta (SCIM)")
    assert okta.get("Groups").status_code == 404
    assert okta.create_group("Agents").status_code == 404
    assert [one["name"] for one in okta.get("ResourceTypes").json()["Resources"]] == ["User"]
    assign_role(actor=None, person=tom, role=Role.RESELLER_ADMIN)
    assert okta.send("DELETE", f"Users/{made['id']}").status_code == 204
    last = okta.send("DELETE", f"Users/u{admin_of(reseller).pk}")
    assert last.status_code == 409
    assert AuditEvent.objects.get(name=EventName.KEEP_LAST_ADMIN).actor_reseller_id == reseller.pk


def test_P15_a_stranger_s_person_is_no_person(acme: Customer, entra: Program) -> None:
    stranger = make_person(make_customer("Globex", "globex.example"))
    nobody = entra.get("Users/u999999").content
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        answer = entra.send(method, f"Users/{id_of(stranger)}", {"userName": "a@acme.example"})
        assert (answer.status_code, answer.content) == (404, nobody)
    assert id_of(stranger) not in entra.get("Users?count=200").content.decode()
    assert Client().get(f"/scim/v2/Users/{id_of(stranger)}").status_code == 401
