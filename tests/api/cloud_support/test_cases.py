"""Cases through the Support API: reading, filing and following them (S5, S6, S7, S11, X1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.errors import Refused
from accounts.models import AuditEvent, Customer
from api.core.errors import ApiError, Forbidden, Invalid, NotFound
from support import cases as verbs
from support.models import Case
from support.models.case import Priority, State
from support.models.partner import Service
from tests.api.cloud_support.world import TOLD, ask, name_of, parent_of
from tests.api.machines import machine
from tests.cast import Cast
from tests.support.world import CLOUD, WORKSPACE, acting, active, make_case, open_console, remove

Asked = tuple[str, dict[str, Any], dict[str, Any] | None]


def titles(answer: dict[str, Any]) -> list[str]:
    return [case["displayName"] for case in answer["cases"]]


def test_a_case_is_filed_with_everything_that_was_sent(cast: Cast) -> None:
    sent = TOLD | {
        "testCase": True,
        "languageCode": "fr-CA",
        "timeZone": "-07:00",
        "contactEmail": "ALICE@acme.example",
        "subscriberEmailAddresses": ["carol@acme.example"],
    }
    filed = ask(cast.acme.support_manager, "cases.create", sent, parent=parent_of(cast.acme.customer))
    case = Case.objects.get()
    assert filed == ask(cast.acme.support_manager, "cases.get", name=name_of(case))
    assert filed["name"] == f"organizations/{cast.acme.customer.organization_number}/cases/{case.pk}"
    said = {
        key: filed[key] for key in ("displayName", "description", "priority", "testCase", "languageCode", "timeZone")
    }
    assert said == {
        "displayName": "Mail is late", "description": "It takes hours.", "priority": "P2", "testCase": True,
        "languageCode": "fr", "timeZone": "-07:00",
    }  # fmt: skip
    assert filed["classification"] == {
        "id": "google_workspace.mail.delivery",
        "displayName": "Google Workspace > Mail > Mail arrives late or not at all",
    }
    assert filed["subscriberEmailAddresses"] == ["alice@acme.example", "carol@acme.example"]
    assert (filed["state"], filed["escalated"], filed["contactEmail"]) == ("NEW", False, "alice@acme.example")
    bob = {"displayName": "Bob", "email": "bob@acme.example", "username": "bob@acme.example", "googleSupport": False}
    assert filed["creator"] == bob
    assert filed["createTime"].endswith("Z") and filed["updateTime"].endswith("Z")
    assert case.due_at is None, "no answer to a test case is due (S13)"
    assert AuditEvent.objects.filter(name="CREATE_CASE").count() == 1


@pytest.mark.parametrize(
    ("sent", "location"),
    [
        ({"displayName": " "}, "displayName"),
        ({"displayName": "x" * 201}, "displayName"),
        ({"description": ""}, "description"),
        ({"description": "a\0b"}, "description"),
        ({"priority": "PRIORITY_UNSPECIFIED"}, "priority"),
        ({"classification": {"id": "account.billing"}}, "classification.id"),
        ({"classification": {"id": "google_cloud.mail.delivery"}}, "classification.id"),
        ({"timeZone": "<b>"}, "timeZone"),
        ({"contactEmail": "nobody"}, "contactEmail"),
        ({"subscriberEmailAddresses": [f"p{n}@acme.example" for n in range(30)]}, "subscriberEmailAddresses"),
    ],
)
def test_a_case_that_is_told_wrongly_is_refused_with_the_field(cast: Cast, sent: Any, location: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(cast.acme.support_manager, "cases.create", TOLD | sent, parent=parent_of(cast.acme.customer))
    assert refused.value.location == location
    assert not Case.objects.exists()


def test_S10_a_subscriber_who_may_not_read_the_case_is_refused(cast: Cast) -> None:
    for address in ("dave@acme.example", "gina@globex.example", "paul@vendor.example"):
        sent = TOLD | {"subscriberEmailAddresses": [address]}
        with pytest.raises(Refused, match="may read this case"):
            ask(cast.acme.support_manager, "cases.create", sent, parent=parent_of(cast.acme.customer))


def test_S5_S6_each_person_sees_the_cases_of_their_pages_and_no_more(cast: Cast) -> None:
    workspace = make_case(cast.acme.customer, cast.acme.super_admin, WORKSPACE, "Mail")
    make_case(cast.acme.customer, cast.acme.super_admin, CLOUD, "Machines")
    make_case(cast.globex.customer, cast.globex.super_admin, WORKSPACE, "Not for Acme")
    parent = parent_of(cast.acme.customer)
    assert titles(ask(cast.acme.support_manager, "cases.list", parent=parent)) == ["Machines", "Mail"]
    assert titles(ask(cast.vendor_support, "cases.list", parent=parent)) == ["Machines", "Mail"]
    partner = cast.resale_two.support_agent
    assignment = active(cast.acme, cast.resale_two, WORKSPACE)
    assert titles(ask(partner, "cases.list", parent=parent)) == ["Mail"]
    remove(cast.acme, assignment)
    with pytest.raises(NotFound):
        ask(partner, "cases.list", parent=parent)
    with pytest.raises(NotFound):
        ask(partner, "cases.get", name=name_of(workspace))
    open_console(cast)
    for person in (cast.resale_one.admin, cast.resale_one.agent, cast.resale_one.support_agent):
        assert titles(ask(person, "cases.list", parent=parent)) == ["Machines", "Mail"]


def test_whose_right_is_missing_is_told_so_and_a_stranger_nothing(cast: Cast) -> None:
    case = make_case(cast.acme.customer, cast.acme.super_admin)
    parent, name = parent_of(cast.acme.customer), name_of(case)
    for person, error in (
        (cast.acme.nobody, Forbidden),
        (cast.operator, Forbidden),
        (cast.globex.super_admin, NotFound),
        (cast.resale_two.admin, NotFound),
    ):
        calls: tuple[Asked, ...] = (
            ("cases.list", {"parent": parent}, None),
            ("cases.search", {"parent": parent}, None),
            ("cases.get", {"name": name}, None),
            ("cases.create", {"parent": parent}, TOLD),
            ("cases.patch", {"name": name}, {"priority": "P0"}),
            ("cases.escalate", {"name": name}, {"escalation": {"reason": "BUSINESS_IMPACT", "justification": "x"}}),
            ("cases.close", {"name": name}, None),
            ("cases.showFeed", {"parent": name}, None),
            ("cases.comments.list", {"parent": name}, None),
            ("cases.comments.get", {"name": f"{name}/comments/1"}, None),
            ("cases.comments.create", {"parent": name}, {"body": "x"}),
            ("cases.attachments.list", {"parent": name}, None),
        )
        for method, params, body in calls:
            with pytest.raises(error):
                ask(person, method, body, **params)
    assert Case.objects.get().state == State.NEW


def test_R2_a_reseller_whose_access_was_taken_is_told_that_it_may_not(cast: Cast) -> None:
    open_console(cast)
    make_case(cast.acme.customer, cast.acme.super_admin)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE subscriptions_accessgrant SET effective_until = statement_timestamp()")
    with pytest.raises(Forbidden):
        ask(cast.resale_one.agent, "cases.list", parent=parent_of(cast.acme.customer))


def test_who_reads_only_may_not_change_anything(cast: Cast) -> None:
    case = make_case(cast.acme.customer, cast.acme.super_admin)
    name = name_of(case)
    for person in (cast.acme.auditor, cast.vendor_support):
        assert ask(person, "cases.get", name=name)["displayName"] == "Mail is late"
        calls: tuple[Asked, ...] = (
            ("cases.create", {"parent": parent_of(cast.acme.customer)}, TOLD),
            ("cases.patch", {"name": name, "updateMask": "priority"}, {"priority": "P0"}),
            ("cases.close", {"name": name}, None),
            ("cases.comments.create", {"parent": name}, {"body": "x"}),
        )
        for method, params, body in calls:
            with pytest.raises(PermissionDenied):
                ask(person, method, body, **params)


@pytest.mark.parametrize("name", ["projects/acme", "organizations/abc", "organizations/999999999999", "organizations/"])
def test_what_is_no_organisation_of_ours_is_not_found(cast: Cast, name: str) -> None:
    with pytest.raises(NotFound):
        ask(cast.acme.super_admin, "cases.list", parent=name)
    with pytest.raises(NotFound):
        ask(cast.acme.super_admin, "cases.get", name=f"{name}/cases/1")
    with pytest.raises(Invalid):
        ask(cast.acme.super_admin, "cases.list", parent="folders/1")


def test_a_case_is_found_under_its_own_organisation_only(cast: Cast) -> None:
    case = make_case(cast.globex.customer, cast.globex.super_admin)
    with pytest.raises(NotFound):
        ask(cast.acme.super_admin, "cases.get", name=f"{parent_of(cast.acme.customer)}/cases/{case.pk}")
    with pytest.raises(NotFound):
        ask(cast.vendor_support, "cases.get", name=f"{parent_of(cast.acme.customer)}/cases/{case.pk}")


def test_patch_changes_what_the_mask_names_and_without_one_all_three(cast: Cast) -> None:
    filed = ask(
        cast.acme.support_manager, "cases.create", TOLD | {"subscriberEmailAddresses": ["carol@acme.example"]},
        parent=parent_of(cast.acme.customer),
    )  # fmt: skip
    name, bob = filed["name"], cast.acme.support_manager
    body = {"displayName": "Mail is lost", "priority": "P0", "subscriberEmailAddresses": ["alice@acme.example"]}
    changed = ask(bob, "cases.patch", body, name=name, updateMask="priority")
    assert (changed["priority"], changed["displayName"]) == ("P0", "Mail is late")
    changed = ask(bob, "cases.patch", body, name=name, updateMask="display_name,subscriberEmailAddresses")
    assert (changed["displayName"], changed["subscriberEmailAddresses"]) == ("Mail is lost", ["alice@acme.example"])
    changed = ask(bob, "cases.patch", {"priority": "P1"}, name=name)
    assert (changed["priority"], changed["displayName"], changed["subscriberEmailAddresses"]) == (
        "P1",
        "Mail is lost",
        [],
    )
    assert Case.objects.get().subscribers.filter(person=bob).exists(), "who filed it goes on getting mail"
    for mask, sent in (("state", {}), ("priority", {}), ("displayName", {"displayName": ""})):
        with pytest.raises(Invalid):
            ask(bob, "cases.patch", sent, name=name, updateMask=mask)
    history = list(Case.objects.get().events.order_by("pk").values_list("kind", "old", "new"))
    assert ("title_changed", "Mail is late", "Mail is lost") in history


def test_escalating_and_closing_a_second_time_changes_nothing(cast: Cast) -> None:
    bob, case = cast.acme.support_manager, make_case(cast.acme.customer, cast.acme.super_admin)
    body = {"escalation": {"reason": "BUSINESS_IMPACT", "justification": "Nobody can work."}}
    assert [ask(bob, "cases.escalate", body, name=name_of(case))["escalated"] for _ in range(2)] == [True, True]
    assert [ask(bob, "cases.close", name=name_of(case))["state"] for _ in range(2)] == ["CLOSED", "CLOSED"]
    names = AuditEvent.objects.filter(name__in=["ESCALATE_CASE", "CLOSE_CASE"]).order_by("pk")
    assert list(names.values_list("name", flat=True)) == ["ESCALATE_CASE", "CLOSE_CASE"]
    with pytest.raises(Invalid):
        ask(
            bob,
            "cases.escalate",
            {"escalation": {"reason": "REASON_UNSPECIFIED", "justification": "x"}},
            name=name_of(case),
        )
    with pytest.raises(Refused) as refused:
        ask(bob, "cases.comments.create", {"body": "Too late"}, parent=name_of(case))
    assert refused.value.reason == "conditionNotMet"


def test_a_list_has_pages_and_costs_the_same_for_one_case_and_for_fifty(cast: Cast) -> None:
    alice, parent = cast.acme.super_admin, parent_of(cast.acme.customer)

    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            ask(alice, "cases.list", parent=parent, pageSize=100)
        return len(queries)

    verbs.file_case(actor=acting(alice), customer=cast.acme.customer, draft=_draft("One"))
    counted()  # the first call reads her roles
    one = counted()
    for number in range(24):
        make_case(cast.acme.customer, alice, title=f"Case {number}")
    assert counted() == one
    assert one <= 5
    first = ask(alice, "cases.list", parent=parent)
    assert len(first["cases"]) == 10
    seen, token = titles(first), first["nextPageToken"]
    while token:
        answer = ask(alice, "cases.list", parent=parent, pageToken=token)
        seen, token = seen + titles(answer), answer.get("nextPageToken")
    assert seen == [*(f"Case {number}" for number in reversed(range(24))), "One"]
    for token, size in (("x", 10), (first["nextPageToken"] + "x", 10), ("", -1)):
        with pytest.raises(ApiError):
            ask(alice, "cases.list", parent=parent, pageToken=token, pageSize=size)
    with pytest.raises(Invalid):
        ask(alice, "cases.list", parent=parent, pageToken=first["nextPageToken"], filter="state=OPEN")


def _draft(title: str) -> verbs.Draft:
    return verbs.Draft(
        service=Service.GOOGLE_WORKSPACE, category="mail.delivery", title=title, description="x",
        priority=Priority.P2, language="en", time_zone="UTC",
    )  # fmt: skip


def test_X2_a_machine_of_a_reseller_works_on_cases_where_the_customer_lets_machines_in(cast: Cast) -> None:
    open_console(cast)
    case = make_case(cast.acme.customer, cast.acme.super_admin)
    parent, headers = parent_of(cast.acme.customer), {"Authorization": f"Bearer {machine(cast.resale_one.agent)}"}
    urls = (f"/v2/{parent}/cases", f"/v2/{name_of(case)}")
    assert [Client().get(url, headers=headers).status_code for url in urls] == [200, 200]
    Customer.objects.filter(pk=cast.acme.customer.pk).update(admits_machines=False)
    assert [Client().get(url, headers=headers).status_code for url in urls] == [403, 403]
    own = {"Authorization": f"Bearer {machine(cast.acme.super_admin)}"}
    assert [Client().get(url, headers=own).status_code for url in urls] == [200, 200]
