"""Groups Settings v1, called with Google's own client."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent, DirectoryGroup
from accounts.models.directory import WhoMay
from tests.api.directory.world import make_group, refusal
from tests.api.google import service
from tests.api.machines import machine
from tests.cast import Cast

SALES = "sales@acme.example"


@pytest.fixture
def settings_of(cast: Cast) -> Any:
    make_group(cast.acme.customer, "Sales")
    return service(Client(), machine(cast.acme.super_admin), "groupssettings", "v1").groups()


def group() -> DirectoryGroup:
    return DirectoryGroup.objects.get(email=SALES)


def test_all_settings_of_a_group_are_texts(settings_of: Any) -> None:
    shown = settings_of.get(groupUniqueId=SALES).execute()
    assert (shown["email"], shown["name"], shown["kind"]) == (SALES, "Sales", "groupsSettings#groups")
    assert shown["whoCanJoin"] == "ALL_IN_DOMAIN_CAN_JOIN"
    assert shown["whoCanPostMessage"] == "ALL_IN_DOMAIN_CAN_POST"
    assert shown["whoCanViewMembership"] == "ALL_IN_DOMAIN_CAN_VIEW"
    assert (shown["allowExternalMembers"], shown["includeInGlobalAddressList"]) == ("false", "true")
    assert {type(value) for value in shown.values()} == {str}


@pytest.mark.parametrize(
    ("setting", "column", "values"),
    [
        # https://developers.google.com/workspace/admin/groups-settings/v1/reference/groups
        (
            "whoCanJoin",
            "who_may_join",
            {
                "ANYONE_CAN_JOIN": WhoMay.ANYBODY,
                "INVITED_CAN_JOIN": WhoMay.MANAGERS,
                "ALL_IN_DOMAIN_CAN_JOIN": WhoMay.ORGANISATION,
            },
        ),
        (
            "whoCanPostMessage",
            "who_may_post",
            {
                "ANYONE_CAN_POST": WhoMay.ANYBODY,
                "ALL_MEMBERS_CAN_POST": WhoMay.MEMBERS,
                "ALL_MANAGERS_CAN_POST": WhoMay.MANAGERS,
                "ALL_OWNERS_CAN_POST": WhoMay.OWNERS,
                "ALL_IN_DOMAIN_CAN_POST": WhoMay.ORGANISATION,
            },
        ),
        (
            "whoCanViewMembership",
            "who_may_see_members",
            {
                "ALL_MEMBERS_CAN_VIEW": WhoMay.MEMBERS,
                "ALL_MANAGERS_CAN_VIEW": WhoMay.MANAGERS,
                "ALL_IN_DOMAIN_CAN_VIEW": WhoMay.ORGANISATION,
            },
        ),
    ],
)
def test_who_may_is_changed_by_its_name_there(
    settings_of: Any, setting: str, column: str, values: dict[str, WhoMay]
) -> None:
    for name, who in values.items():
        for send in (settings_of.patch, settings_of.update):
            assert send(groupUniqueId=SALES, body={setting: name}).execute()[setting] == name
            assert getattr(group(), column) == who
    assert AuditEvent.objects.filter(name="CHANGE_GROUP_SETTING").count() == len(values)


def test_a_name_that_means_several_leaves_what_it_means_now(settings_of: Any) -> None:
    DirectoryGroup.objects.update(who_may_join=WhoMay.OWNERS, who_may_see_members=WhoMay.OWNERS)
    shown = settings_of.get(groupUniqueId=SALES).execute()
    # GAM reads all the settings, and sends all of them back with one that differs.
    changed = settings_of.update(groupUniqueId=SALES, body=shown | {"whoCanPostMessage": "ANYONE_CAN_POST"}).execute()
    assert {**changed, "etag": ""} == {**shown, "whoCanPostMessage": "ANYONE_CAN_POST", "etag": ""}
    found = group()
    assert (found.who_may_join, found.who_may_see_members, found.who_may_post) == ("owners", "owners", "anybody")


def test_name_and_description_are_changed_and_the_address_is_not(settings_of: Any) -> None:
    body = {"name": "Sellers", "description": "Who sells"}
    changed = settings_of.patch(groupUniqueId=SALES, body=body).execute()
    assert (changed["name"], changed["description"], changed["email"]) == ("Sellers", "Who sells", SALES)
    assert refusal(settings_of.patch(groupUniqueId=SALES, body={"email": "other@acme.example"})) == (400, "invalid")


def test_what_cannot_be_set_here_is_refused(settings_of: Any) -> None:
    for body in (
        {"whoCanJoin": "CAN_REQUEST_TO_JOIN"},
        {"whoCanPostMessage": "NONE_CAN_POST"},
        {"archiveOnly": "true"},
        {"allowExternalMembers": "true"},
        {"customFooterText": "Bye"},
        {"whoCanJoin": "ANYONE_CAN_JOIN", "isArchived": "true"},
    ):
        assert refusal(settings_of.patch(groupUniqueId=SALES, body=body)) == (400, "invalid")
    assert group().who_may_join == WhoMay.ORGANISATION
    for key in ("nobody@acme.example", "0"):
        assert refusal(settings_of.get(groupUniqueId=key)) == (404, "notFound")


def test_R14_who_may_is_for_the_customers_own_admins(settings_of: Any, cast: Cast) -> None:
    def as_(person: Any) -> Any:
        return service(Client(), machine(person), "groupssettings", "v1").groups()

    assert as_(cast.acme.auditor).get(groupUniqueId=SALES).execute()["name"] == "Sales"
    body = {"whoCanJoin": "ANYONE_CAN_JOIN"}
    assert refusal(as_(cast.acme.auditor).patch(groupUniqueId=SALES, body=body)) == (403, "forbidden")
    assert refusal(as_(cast.acme.support_manager).get(groupUniqueId=SALES)) == (403, "forbidden")
    assert refusal(as_(cast.globex.super_admin).get(groupUniqueId=SALES)) == (404, "notFound")
    assert group().who_may_join == WhoMay.ORGANISATION
