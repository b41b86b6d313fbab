"""Activities of the Reports API: whose log, which events, and what they say (A3, A4, R14, X1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from googleapiclient.errors import HttpError

from accounts.audit import EventName, event, record_audit, record_many
from accounts.clock import database_now
from accounts.models import AuditEvent, Customer, DirectoryGroup, GroupMember, User
from accounts.models.event_names import EventName as Names
from api.core.errors import ApiError, Forbidden, Invalid, NotFound
from api.reports.activities import list_activities
from api.reports.table import FORMS, NOT_SHOWN
from tests.api.calls import call_of
from tests.api.google import service
from tests.api.machines import account_of, machine
from tests.cast import Cast
from tests.factories import fresh
from tests.support.world import acting, open_console


def ask(person: User, **params: Any) -> list[dict[str, Any]]:
    """The activities of the first page."""
    found: list[dict[str, Any]] = _answer(person, **params).get("items", [])
    return found


def _answer(person: User, **params: Any) -> Any:
    asked = {"userKey": "all", "applicationName": "admin", "maxResults": 1000} | params
    return list_activities(call_of(fresh(person), "reports.activities.list", asked))


def names(found: list[dict[str, Any]]) -> list[str]:
    return [each["events"][0]["name"] for each in found]


def said(activity: dict[str, Any]) -> dict[str, Any]:
    [only] = activity["events"]
    values = {}
    for each in only.get("parameters", []):
        [(_kind, value)] = [(key, value) for key, value in each.items() if key != "name"]
        values[each["name"]] = value
    return values


@pytest.fixture
def log(cast: Cast) -> Cast:
    """Something in the logs of Acme, Globex and Resale One."""
    alice, acme = acting(cast.acme.super_admin), cast.acme.customer
    record_audit(
        EventName.CHANGE_RESELLER_ACCESS, actor=alice, customer=acme, subject="Resale One",
        old={"allowed": None}, new={"allowed": True, "reseller_agreed": True},
    )  # fmt: skip
    record_audit(
        EventName.USER_LICENSE_ASSIGNMENT, actor=acting(cast.resale_one.agent), customer=acme,
        subject="dave@acme.example", target=cast.acme.nobody, new={"SKU_NAME": "Business Plus"},
    )  # fmt: skip
    record_audit(
        EventName.CHANGE_SUBSCRIPTION_SEATS, actor=acting(cast.resale_one.agent), customer=acme,
        subject="Business Plus", old={"seats": 10, "plan": "FLEXIBLE"}, new={"seats": 12, "plan": "ANNUAL"},
    )  # fmt: skip
    bob = cast.acme.support_manager
    record_audit(
        EventName.LOGIN_SUCCESS,
        actor=acting(bob),
        customer=acme,
        subject=bob.email,
        target=bob,
        new={"way": "password"},
    )
    gina, globex = acting(cast.globex.super_admin), cast.globex.customer
    record_audit(EventName.CREATE_GROUP, actor=gina, customer=globex, subject="all@globex.example")
    record_audit(EventName.PURGE_USER, actor=None, customer=acme, subject="gone@acme.example")
    return cast


def test_A3_every_event_has_a_form_or_a_reason_to_have_none() -> None:
    assert set(FORMS) | set(NOT_SHOWN) == set(Names)
    assert not set(FORMS) & set(NOT_SHOWN)
    assert {form.application for form in FORMS.values()} == {"admin", "login"}


def test_A4_a_customer_reads_what_was_done_in_its_console_the_newest_first(log: Cast) -> None:
    # Before them stand those of the set-up.
    assert names(ask(log.acme.auditor))[:4] == [
        "PURGE_USER", "CHANGE_SUBSCRIPTION_SEATS", "USER_LICENSE_ASSIGNMENT", "CHANGE_RESELLER_ACCESS",
    ]  # fmt: skip
    assert names(ask(log.acme.auditor, applicationName="login")) == ["login_success"]
    assert _answer(log.acme.auditor, applicationName="drive") == {"kind": "admin#reports#activities"}
    assert names(ask(log.globex.super_admin))[0] == "CREATE_GROUP"
    assert "CREATE_GROUP" not in names(ask(log.acme.auditor))
    assert names(ask(log.acme.auditor, customerId=fresh_customer(log.acme.customer).customer_id)) == names(
        ask(log.acme.auditor, customerId="my_customer")
    )


def fresh_customer(customer: Customer) -> Customer:
    return Customer.objects.get(pk=customer.pk)


def test_an_activity_says_who_did_what_when_and_from_where(log: Cast) -> None:
    [access] = ask(log.acme.super_admin, eventName="CHANGE_RESELLER_ACCESS")
    stored = AuditEvent.objects.get(name="CHANGE_RESELLER_ACCESS")
    alice = User.objects.get(pk=log.acme.super_admin.pk)
    assert access == {
        "kind": "admin#reports#activity",
        "id": {
            "time": stored.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "uniqueQualifier": access["id"]["uniqueQualifier"],
            "applicationName": "admin",
            "customerId": fresh_customer(log.acme.customer).customer_id,
        },
        "actor": {"callerType": "USER", "email": "alice@acme.example", "profileId": alice.public_id},
        "ownerDomain": "acme.example",
        "ipAddress": "192.0.2.9",
        "events": [
            {
                "type": "RESELLER_ACCESS_SETTINGS",
                "name": "CHANGE_RESELLER_ACCESS",
                "parameters": [
                    {"name": "NEW_VALUE", "value": "true"},
                    {"name": "RESELLER_AGREED", "boolValue": True},
                    {"name": "RESELLER_NAME", "value": "Resale One"},
                ],
            }
        ],
    }
    assert str(stored.pk) != access["id"]["uniqueQualifier"]
    [seats] = ask(log.acme.super_admin, eventName="CHANGE_SUBSCRIPTION_SEATS")
    assert said(seats) == {
        "SKU_NAME": "Business Plus", "OLD_VALUE": "10", "NEW_VALUE": "12", "OLD_PLAN": "FLEXIBLE", "PLAN": "ANNUAL",
    }  # fmt: skip
    [system] = ask(log.acme.super_admin, eventName="PURGE_USER")
    assert system["actor"] == {"callerType": "KEY", "key": "SYSTEM"}
    everything = ask(log.acme.super_admin)
    assert len({each["id"]["uniqueQualifier"] for each in everything}) == len(everything)


def test_A4_a_machine_is_named_beside_the_person_it_works_for(log: Cast) -> None:
    account = account_of(log.acme.super_admin, name="Sync")
    actor = acting(log.acme.super_admin)
    by_machine = type(actor)(user=actor.user, is_stale=True, client=account)
    record_audit(EventName.CREATE_GROUP, actor=by_machine, customer=log.acme.customer, subject="all@acme.example")
    [found] = ask(log.acme.super_admin, eventName="CREATE_GROUP")
    assert found["actor"]["email"] == "alice@acme.example"
    application = {"applicationName": "Sync", "impersonation": True, "oauthClientId": account.unique_id}
    assert found["actor"]["applicationInfo"] == application
    which = f'oAuthClientId="{account.unique_id}"'
    assert names(ask(log.acme.super_admin, applicationInfoFilter=which)) == ["CREATE_GROUP"]
    assert ask(log.acme.super_admin, applicationInfoFilter='oAuthClientId="1"') == []


def test_R14_A4_resellers_read_what_their_own_people_did_and_no_customers_log(log: Cast) -> None:
    open_console(log)
    mine = ["CHANGE_SUBSCRIPTION_SEATS", "USER_LICENSE_ASSIGNMENT"]
    assert names(ask(log.resale_one.admin)) == mine
    assert names(ask(log.resale_one.agent)) == mine
    assert ask(log.resale_one.colleague) == []
    [seats, _licence] = ask(log.resale_one.admin)
    assert (seats["ownerDomain"], seats["actor"]["email"]) == ("acme.example", log.resale_one.agent.email)
    assert names(ask(log.resale_one.admin, userKey=User.objects.get(pk=log.resale_one.agent.pk).public_id)) == mine
    assert ask(log.resale_one.admin, userKey=log.resale_one.colleague.email) == []
    acme = fresh_customer(log.acme.customer).customer_id
    for person, error in ((log.resale_one.admin, Forbidden), (log.resale_two.admin, NotFound)):
        with pytest.raises(error):
            ask(person, customerId=acme)


def test_from_whom_a_subscription_was_taken_over_its_new_reseller_does_not_learn(log: Cast) -> None:
    record_audit(
        EventName.TRANSFER_SUBSCRIPTION, actor=acting(log.resale_one.agent), customer=log.acme.customer,
        subject="Voice", old={"reseller": "Resale Two"}, new={"reseller": "Resale One"},
    )  # fmt: skip
    [theirs] = ask(log.resale_one.agent, eventName="TRANSFER_SUBSCRIPTION")
    assert said(theirs) == {"SKU_NAME": "Voice", "NEW_VALUE": "Resale One"}
    assert ask(log.resale_one.agent, eventName="TRANSFER_SUBSCRIPTION", filters="OLD_VALUE==Resale Two") == []
    [own] = ask(log.acme.super_admin, eventName="TRANSFER_SUBSCRIPTION", filters="OLD_VALUE==Resale Two")
    assert said(own)["OLD_VALUE"] == "Resale Two"


def test_whose_right_is_missing_and_strangers_read_nothing(log: Cast) -> None:
    acme = fresh_customer(log.acme.customer).customer_id
    for person, params, error in (
        (log.acme.nobody, {}, Forbidden),
        (log.acme.nobody, {"applicationName": "drive"}, Forbidden),
        (log.operator, {}, Forbidden),
        (log.vendor_support, {"customerId": acme}, NotFound),
        (log.globex.super_admin, {"customerId": acme}, NotFound),
        (log.acme.super_admin, {"customerId": "C00000000"}, NotFound),
    ):
        with pytest.raises(error):
            ask(person, **params)


def test_activities_are_those_of_one_person_where_one_is_named(log: Cast) -> None:
    alice, agent = User.objects.get(pk=log.acme.super_admin.pk), log.resale_one.agent
    for key in (alice.email, "ALICE@acme.example", alice.public_id):
        assert names(ask(alice, userKey=key)) == ["CHANGE_RESELLER_ACCESS"]
    assert names(ask(alice, userKey=agent.email)) == ["CHANGE_SUBSCRIPTION_SEATS", "USER_LICENSE_ASSIGNMENT"]
    assert ask(alice, userKey="nobody@acme.example") == []
    assert names(ask(alice, userKey=log.acme.support_manager.email, applicationName="login")) == ["login_success"]
    assert ask(alice, userKey=alice.email, applicationName="login") == []
    # A person from elsewhere is known by the address in the log alone, as is one that does not exist.
    for key in (User.objects.get(pk=agent.pk).public_id, "1" * 21):
        with pytest.raises(NotFound):
            ask(alice, userKey=key)
    with pytest.raises(Invalid):
        ask(alice, userKey="no address")


@pytest.mark.parametrize(
    ("name", "filters", "number"),
    [
        ("CHANGE_RESELLER_ACCESS", "NEW_VALUE==true", 1),
        ("CHANGE_RESELLER_ACCESS", "NEW_VALUE<>true", 0),
        ("CHANGE_RESELLER_ACCESS", "RESELLER_NAME==Resale One,RESELLER_AGREED==true", 1),
        ("CHANGE_RESELLER_ACCESS", "RESELLER_NAME==Resale One,NEW_VALUE==false", 0),
        ("USER_LICENSE_ASSIGNMENT", "NEW_VALUE==Business Plus,USER_EMAIL==dave@acme.example", 1),
        ("CHANGE_SUBSCRIPTION_SEATS", "NEW_VALUE>9,OLD_VALUE<=10", 1),
        ("CHANGE_SUBSCRIPTION_SEATS", "NEW_VALUE>12", 0),
        ("CHANGE_SUBSCRIPTION_SEATS", "OLD_PLAN==FLEXIBLE,PLAN<>FLEXIBLE", 1),
        ("CHANGE_SUBSCRIPTION_SEATS", "PLAN>AAA", 1),
        ("CHANGE_SUBSCRIPTION_SEATS", "NO_SUCH<>1", 0),
        ("LOGIN_FAILURE", "NO_SUCH==1", 0),
        ("no_such_event", "NEW_VALUE==true", 0),
        ("login_success", "", 0),
    ],
)
def test_activities_are_filtered_by_the_parameters_of_their_event(
    log: Cast, name: str, filters: str, number: int
) -> None:
    found = ask(log.acme.super_admin, eventName=name, filters=filters)
    assert names(found) == [name] * number


@pytest.mark.parametrize(
    "params",
    [
        {"filters": "NEW_VALUE==true"},
        {"eventName": "CREATE_USER", "filters": "NEW_VALUE"},
        {"eventName": "CREATE_USER", "filters": "A==1," * 30},
        {"eventName": "CREATE_USER", "filters": "A-B==1"},
        {"startTime": "yesterday"},
        {"startTime": "2020-13-01T00:00:00Z"},
        {"startTime": "2020-01-02T00:00:00Z", "endTime": "2020-01-01T00:00:00Z"},
        {"startTime": "2999-01-01T00:00:00Z"},
        {"actorIpAddress": "here"},
        {"applicationInfoFilter": "x"},
        {"statusFilter": 'statusCode="200"'},
        {"orgUnitID": "id:none"},
        {"pageToken": "x"},
    ],
)
def test_what_cannot_be_filtered_is_an_error(log: Cast, params: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as error:
        ask(log.acme.super_admin, **params)
    assert error.value.status in (400, 404)


def test_activities_are_those_of_a_time_of_an_address_of_a_unit_and_of_a_group(log: Cast) -> None:
    alice = log.acme.super_admin
    now = database_now()
    later, before = (now + timedelta(days=1)).isoformat(), (now - timedelta(days=1)).isoformat()
    assert ask(alice, startTime=before, endTime=later) == ask(alice)
    assert ask(alice, endTime=before) == []
    assert ask(alice, startTime=datetime(2020, 1, 1, tzinfo=UTC).isoformat(), endTime=before) == []
    assert len(ask(alice, actorIpAddress="192.0.2.9")) == 3
    assert ask(alice, actorIpAddress="2001:db8::1") == []
    unit = User.objects.get(pk=alice.pk).org_unit
    assert names(ask(alice, orgUnitID=f"id:{unit.public_id}")) == ["CHANGE_RESELLER_ACCESS"]
    group = DirectoryGroup.objects.create(customer=log.acme.customer, email="g@acme.example", name="G", sort_name="g")
    group.refresh_from_db()
    assert ask(alice, groupIdFilter=f"id:{group.public_id}") == []
    GroupMember.objects.create(customer=log.acme.customer, group=group, user=alice)
    assert names(ask(alice, groupIdFilter=f"id:{group.public_id}")) == ["CHANGE_RESELLER_ACCESS"]


def test_a_thousand_activities_cost_as_many_queries_as_one_and_pages_go_on_where_they_ended(cast: Cast) -> None:
    alice, acme, bob = cast.acme.super_admin, cast.acme.customer, acting(cast.acme.support_manager)

    def counted(**params: Any) -> tuple[int, Any]:
        person = fresh(alice)
        with CaptureQueriesContext(connection) as queries:
            call = {"userKey": "all", "applicationName": "admin", "maxResults": 1000} | params
            answer = list_activities(call_of(person, "reports.activities.list", call))
        return len(queries), answer

    record_audit(EventName.CREATE_USER, actor=bob, customer=acme, subject="n-0")
    counted()
    one, _answer_of_one = counted()
    record_many(event(EventName.CREATE_USER, actor=bob, customer=acme, subject=f"n-{n}") for n in range(1, 1100))
    many, answer = counted()
    assert len(answer["items"]) == 1000
    assert many <= one <= 6, "one more where the newest months do not fill the page"
    rest = counted(pageToken=answer["nextPageToken"])[1]
    assert "nextPageToken" not in rest
    subjects = [said(each).get("USER_EMAIL") for each in [*answer["items"], *rest["items"]]]
    assert subjects[:1100] == [f"n-{n}" for n in reversed(range(1100))]
    with pytest.raises(Invalid):
        counted(pageToken=answer["nextPageToken"], userKey="bob@acme.example")


def test_X5_the_client_of_the_original_lists_activities(log: Cast) -> None:
    reports = service(Client(), machine(log.acme.super_admin), "admin", "reports_v1")
    activities = reports.activities()
    request = activities.list(userKey="all", applicationName="admin", maxResults=2)
    found = []
    while request is not None:
        answer = request.execute()
        found += answer["items"]
        request = activities.list_next(request, answer)
    assert names(found) == names(ask(log.acme.super_admin))
    answer = activities.list(userKey="all", applicationName="login", eventName="login_success").execute()
    assert said(answer["items"][0]) == {"login_type": "password"}
    assert "items" not in activities.list(userKey="all", applicationName="token").execute()
    for person, status, reason in ((log.acme.nobody, 403, "forbidden"), (log.operator, 403, "forbidden")):
        with pytest.raises(HttpError) as error:
            service(Client(), machine(person), "admin", "reports_v1").activities().list(
                userKey="all", applicationName="admin"
            ).execute()
        assert error.value.resp.status == status
        assert error.value.error_details[0]["reason"] == reason
