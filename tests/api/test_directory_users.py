"""directory.users with the original's own client: showing, creating, changing, deleting and restoring people (X1, X5).

Errors as https://developers.google.com/admin-sdk/directory/v1/guides/troubleshoot-error-codes names them.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.hashers import check_password

from accounts.directory import deleting, people
from accounts.models import AuditEvent, Customer, Mail, OrgUnit, Provisioned, User
from accounts.roles import Role
from tests.api.people_world import PASSWORD, Directory, events_about, reason_of, said, status_of
from tests.factories import fresh, make_customer, make_person


@pytest.fixture
def bob(acme: Customer) -> User:
    return make_person(acme, name="Bob Smith", email="bob@acme.example")


@pytest.fixture
def api(ana: User) -> Directory:
    return Directory.of(ana)


def test_a_person_is_shown_with_all_that_clients_read(api: Directory, acme: Customer, bob: User) -> None:
    shown = api.users.get(userKey="bob@acme.example").execute()
    assert len(shown.pop("etag")) > 10
    assert shown.pop("creationTime").endswith("Z")
    assert len(shown["id"]) == 21
    assert shown["id"].isdigit()
    assert shown == {
        "kind": "admin#directory#user",
        "id": bob.public_id,
        "primaryEmail": "bob@acme.example",
        "name": {"givenName": "Bob", "familyName": "Smith", "fullName": "Bob Smith"},
        "isAdmin": False,
        "isDelegatedAdmin": False,
        "lastLoginTime": "1970-01-01T00:00:00.000Z",
        "agreedToTerms": False,
        "suspended": False,
        "archived": False,
        "changePasswordAtNextLogin": False,
        "ipWhitelisted": False,
        "isMailboxSetup": False,
        "isEnrolledIn2Sv": False,
        "isEnforcedIn2Sv": False,
        "includeInGlobalAddressList": True,
        "emails": [{"address": "bob@acme.example", "primary": True}],
        "customerId": acme.customer_id,
        "orgUnitPath": "/",
    }
    assert acme.customer_id.startswith("C")
    assert len(acme.customer_id) == 9


def test_a_person_is_found_by_address_alias_and_id(api: Directory, bob: User) -> None:
    api.users.aliases().insert(userKey="bob@acme.example", body={"alias": "b.smith@acme.example"}).execute()
    for key in ("BOB@acme.example", "b.smith@acme.example", bob.public_id):
        assert api.users.get(userKey=key).execute()["id"] == bob.public_id


def test_the_states_of_people(api: Directory, ana: User, bob: User, acme: Customer) -> None:
    User.objects.filter(pk=bob.pk).update(last_login=datetime(2026, 2, 3, 4, 5, 6, 789_000, tzinfo=UTC))
    people.suspend_user(actor=None, person=bob)
    helper = make_person(acme, Role.HELP_DESK_ADMIN, name="Hugo")
    shown = api.users.get(userKey=bob.public_id).execute()
    assert (shown["suspended"], shown["suspensionReason"], shown["agreedToTerms"]) == (True, "ADMIN", True)
    assert shown["lastLoginTime"] == "2026-02-03T04:05:06.789Z"
    assert api.users.get(userKey=ana.public_id).execute()["isAdmin"]
    assert api.users.get(userKey=helper.public_id).execute()["isDelegatedAdmin"]


def test_only_what_everybody_may_see_is_in_the_public_view(api: Directory, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(contact={"phones": [{"value": "+4940"}], "notes": {"value": "private"}})
    shown = api.users.get(userKey=bob.public_id, viewType="domain_public").execute()
    assert set(shown) == {"kind", "etag", "id", "primaryEmail", "name", "emails", "phones"}


def test_a_person_is_created_where_it_says(api: Directory, acme: Customer) -> None:
    shown = api.new("lea@acme.example", orgUnitPath="/Sales", changePasswordAtNextLogin=True, suspended=True)
    person = User.objects.get(email="lea@acme.example")
    assert (person.name, person.given_name, person.family_name) == ("Lea Roy", "Lea", "Roy")
    assert check_password(PASSWORD, person.password)
    assert (shown["orgUnitPath"], shown["suspended"], shown["changePasswordAtNextLogin"]) == ("/Sales", True, True)
    assert events_about(person) == ["CREATE_USER", "SUSPEND_USER"]
    [event] = AuditEvent.objects.filter(name="CREATE_USER", target_id=person.pk)
    assert event.actor_email == api.person.email
    assert event.client_name.startswith("Machine")
    assert not Mail.objects.filter(recipient=person).exists()


def test_names_of_several_words_keep_their_parts(api: Directory) -> None:
    shown = api.new("ml@acme.example", "María José", "García Lorca")
    assert shown["name"] == {
        "givenName": "María José",
        "familyName": "García Lorca",
        "fullName": "María José García Lorca",
    }
    body = {"name": {"givenName": "María"}}
    changed = api.users.patch(userKey="ml@acme.example", body=body).execute()["name"]
    assert changed == {"givenName": "María", "familyName": "García Lorca", "fullName": "María García Lorca"}


def test_an_address_that_is_taken_is_a_duplicate(api: Directory, bob: User) -> None:
    """409, as in "Manage user accounts": the address of a user, an alias, a group or a deleted user."""
    assert api.users.aliases().insert(userKey=bob.email, body={"alias": "bo@acme.example"}).execute()
    for email in ("bob@acme.example", "BO@ACME.example"):
        name = {"givenName": "B", "familyName": "S"}
        request = api.users.insert(body={"primaryEmail": email, "name": name, "password": PASSWORD})
        assert said(request) == (409, "duplicate", "Entity already exists.")


@pytest.mark.parametrize(
    ("more", "location"),
    [
        ({"orgUnitPath": "/Nowhere"}, "orgUnitPath"),
        ({"archived": True}, "archived"),
        ({"hashFunction": "SHA-1"}, "hashFunction"),
        ({"customSchemas": {"a": {"b": 1}}}, "customSchemas"),
        ({"phones": [{"value": "9" * 20_000}]}, "contact"),
        ({"recoveryPhone": "0123"}, "recovery_phone"),
        ({"password": "short"}, "password"),
        ({"name": {"givenName": "\u200b", "familyName": " "}}, "given_name"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nobody_is_created(
    api: Directory, more: dict[str, object], location: str
) -> None:
    body = {"primaryEmail": "lea@acme.example", "name": {"givenName": "L", "familyName": "R"}, "password": PASSWORD}
    assert reason_of(api.users.insert(body={**body, **more})) == (400, "invalid"), location
    assert not User.objects.filter(email="lea@acme.example").exists()


def test_nobody_gets_an_address_elsewhere(api: Directory) -> None:
    make_customer("Globex", "globex.example")
    for domain in ("globex.example", "nobody.example"):
        name = {"givenName": "L", "familyName": "R"}
        request = api.users.insert(body={"primaryEmail": f"l@{domain}", "name": name, "password": PASSWORD})
        assert reason_of(request) == (404, "notFound")


def test_a_person_is_changed_in_one_call_or_not_at_all(api: Directory, bob: User) -> None:
    body = {
        "primaryEmail": "robert@acme.example",
        "name": {"givenName": "Robert", "familyName": "Smith"},
        "orgUnitPath": "/Sales",
        "phones": [{"type": "work", "value": "+49 40 1"}],
        "recoveryEmail": "bob@home.example",
        "recoveryPhone": "+49 40 123456",
        "emails": [{"address": "bob@acme.example", "primary": True}, {"address": "b@home.example", "type": "home"}],
        "suspended": True,
    }
    shown = api.users.update(userKey=bob.email, body=body).execute()
    assert {name: shown[name] for name in ("primaryEmail", "orgUnitPath", "phones", "aliases", "recoveryPhone")} == {
        "primaryEmail": "robert@acme.example",
        "orgUnitPath": "/Sales",
        "phones": [{"type": "work", "value": "+49 40 1"}],
        "aliases": ["bob@acme.example"],
        "recoveryPhone": "+4940123456",
    }
    assert [one["address"] for one in shown["emails"]] == [
        "robert@acme.example",
        "bob@acme.example",
        "b@home.example",
    ]
    assert events_about(bob)[1:] == [
        "RENAME_USER",
        "CHANGE_USER",
        "MOVE_USER_TO_ORG_UNIT",
        "CHANGE_USER",
        "SUSPEND_USER",
    ]
    number = AuditEvent.objects.count()
    again = {"name": {"givenName": "R"}, "orgUnitPath": "/Nowhere"}
    assert reason_of(api.users.patch(userKey=bob.public_id, body=again)) == (400, "invalid")
    assert AuditEvent.objects.count() == number
    assert fresh(bob).given_name == "Robert"


def test_what_is_sent_empty_is_removed_and_what_is_not_sent_stays(api: Directory, bob: User) -> None:
    phones, websites = [{"value": "+4940"}], [{"value": "https://acme.example"}]
    api.users.patch(userKey=bob.email, body={"phones": phones, "websites": websites}).execute()
    shown = api.users.update(userKey=bob.email, body={"phones": []}).execute()
    assert "phones" not in shown
    assert shown["websites"] == websites


def test_a_password_is_set_and_sessions_end(api: Directory, bob: User) -> None:
    api.users.patch(userKey=bob.email, body={"password": "nine-copper-harbour-9"}).execute()
    assert fresh(bob).check_password("nine-copper-harbour-9")
    assert events_about(bob)[-1] == "RESET_PASSWORD"
    api.users.patch(userKey=bob.email, body={"changePasswordAtNextLogin": True}).execute()
    assert fresh(bob).must_change_password
    assert events_about(bob)[-1] == "CHANGE_PASSWORD_ON_NEXT_LOGIN"


def test_P13_no_machine_sets_the_password_or_the_address_of_a_super_admin(api: Directory, acme: Customer) -> None:
    eve = make_person(acme, Role.SUPER_ADMIN, name="Eve")
    for body in ({"password": "nine-copper-harbour-9"}, {"primaryEmail": "eva@acme.example"}):
        assert reason_of(api.users.patch(userKey=eve.email, body=body)) == (403, "forbidden")
    api.users.signOut(userKey=eve.email).execute()
    assert events_about(eve)[-1] == "RESET_SIGNIN_COOKIES"


def test_R14_who_is_no_super_admin_changes_no_admin(acme: Customer, ana: User) -> None:
    clerk = Directory.of(make_person(acme, Role.USER_MANAGEMENT_ADMIN, name="Carl"))
    assert reason_of(clerk.users.patch(userKey=ana.email, body={"suspended": True})) == (403, "forbidden")
    assert reason_of(clerk.users.delete(userKey=ana.email)) == (403, "forbidden")
    reader = Directory.of(make_person(acme, Role.AUDITOR, name="Rita"))
    assert reader.users.get(userKey=ana.email).execute()["isAdmin"]
    assert reason_of(reader.users.patch(userKey=ana.email, body={"suspended": True})) == (403, "forbidden")


def test_P7_the_last_super_admin_is_neither_deleted_nor_suspended_nor_unmade(acme: Customer, ana: User) -> None:
    """412 conditionNotMet, and the request changes nothing."""
    eve = make_person(acme, Role.SUPER_ADMIN, name="Eve")
    api = Directory.of(eve)
    people.suspend_user(actor=None, person=ana)
    clerk = Directory.of(make_person(acme, Role.USER_MANAGEMENT_ADMIN, name="Carl"))
    assert reason_of(clerk.users.delete(userKey=eve.email)) == (403, "forbidden")
    assert reason_of(api.users.patch(userKey=eve.email, body={"suspended": True})) == (403, "forbidden")
    taking = {"status": False}
    for request in (api.users.delete(userKey=eve.email), api.users.makeAdmin(userKey=eve.email, body=taking)):
        assert reason_of(request) == (412, "conditionNotMet")
    assert fresh(eve).is_active
    assert Role.SUPER_ADMIN in fresh(eve).roles


def test_makeAdmin_gives_nothing_and_takes(api: Directory, acme: Customer, bob: User) -> None:
    refused = said(api.users.makeAdmin(userKey=bob.email, body={"status": True}))
    assert refused[:2] == (403, "forbidden")
    assert "console" in refused.message
    eve = make_person(acme, Role.SUPER_ADMIN, name="Eve")
    api.users.makeAdmin(userKey=eve.email, body={"status": True}).execute()
    api.users.makeAdmin(userKey=eve.email, body={"status": False}).execute()
    assert not fresh(eve).roles


def test_a_deleted_person_is_gone_and_comes_back_by_id(api: Directory, bob: User) -> None:
    api.users.delete(userKey=bob.email).execute()
    for key in (bob.email, bob.public_id):
        assert said(api.users.get(userKey=key)) == (404, "notFound", "Resource Not Found: userKey")
    [gone] = api.users.list(customer="my_customer", showDeleted="true").execute()["users"]
    assert gone["id"] == bob.public_id
    assert gone["deletionTime"].endswith("Z")
    api.users.undelete(userKey=bob.public_id, body={"orgUnitPath": "/Sales"}).execute()
    assert api.users.get(userKey=bob.email).execute()["orgUnitPath"] == "/Sales"
    assert reason_of(api.users.undelete(userKey=bob.public_id, body={})) == (412, "conditionNotMet")


def test_who_was_deleted_long_ago_does_not_come_back(api: Directory, bob: User) -> None:
    api.users.delete(userKey=bob.email).execute()
    long_ago = fresh(bob).deleted_at - deleting.UNDELETE_WITHIN
    User.objects.filter(pk=bob.pk).update(deleted_at=long_ago)
    assert reason_of(api.users.undelete(userKey=bob.public_id, body={"orgUnitPath": "/"})) == (412, "conditionNotMet")


def test_a_stranger_and_nobody_are_told_apart_by_nothing(api: Directory) -> None:
    """Mirror: the same sentence for ids and addresses of another customer, and for none."""
    globex = make_customer("Globex", "globex.example")
    mia = make_person(globex, name="Mia", email="mia@globex.example")
    gone = make_person(globex, name="Max", email="max@globex.example")
    deleting.delete_user(actor=None, person=gone)
    keys = ("nobody@acme.example", "1" * 21, "", "x" * 300, mia.email, mia.public_id, gone.email, gone.public_id)
    for key in keys:
        users = api.users
        for request in (
            users.get(userKey=key or "-"),
            users.patch(userKey=key or "-", body={"suspended": True}),
            users.delete(userKey=key or "-"),
            users.undelete(userKey=key or "-", body={"orgUnitPath": "/"}),
            users.makeAdmin(userKey=key or "-", body={"status": False}),
            users.signOut(userKey=key or "-"),
            users.aliases().list(userKey=key or "-"),
            users.aliases().insert(userKey=key or "-", body={"alias": "a@acme.example"}),
            users.aliases().delete(userKey=key or "-", alias="a@acme.example"),
        ):
            assert said(request) == (404, "notFound", "Resource Not Found: userKey"), (key, request.methodId)
    assert fresh(mia).is_active


def test_the_key_of_a_provider_survives(api: Directory, bob: User) -> None:
    Provisioned.objects.create(user=bob, external_id="key", given_name="Bob", family_name="Smith")
    api.users.patch(userKey=bob.email, body={"name": {"givenName": "Rob"}}).execute()
    assert Provisioned.objects.get(user=bob).external_id == "key"


def test_a_scope_that_only_reads_changes_nothing(ana: User, bob: User) -> None:
    reads = Directory.of(ana, "admin.directory.user.readonly")
    assert reads.users.get(userKey=bob.email).execute()["id"] == bob.public_id
    assert status_of(reads.users.patch(userKey=bob.email, body={"suspended": True})) == 403
    assert OrgUnit.objects.exists()
