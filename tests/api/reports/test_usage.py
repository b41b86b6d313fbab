"""Usage reports of customers: the figures of the console's home page under the original's names (B1, R14)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from googleapiclient.errors import HttpError

from accounts.clock import database_now
from accounts.models import Customer, User
from subscriptions.models import Subscription
from tests.access.world import sell
from tests.api.google import service
from tests.api.machines import machine
from tests.cast import Cast
from tests.factories import make_person
from tests.support.world import open_console


def report(person: User, day: str = "", **params: Any) -> dict[str, int]:
    day = day or database_now().date().isoformat()
    reports = service(Client(), machine(person), "admin", "reports_v1").customerUsageReports()
    [only] = reports.get(date=day, **params).execute()["usageReports"]
    assert (only["date"], only["entity"]["type"]) == (day, "CUSTOMER")
    return {each["name"]: int(each["intValue"]) for each in only["parameters"]}


def test_people_and_licences_of_today_are_counted(cast: Cast) -> None:
    zoe = make_person(cast.acme.customer, name="Zoe")
    User.objects.filter(pk=zoe.pk).update(is_active=False)
    sell(cast.acme.customer, cast.resale_one.reseller)
    [sold] = Subscription.objects.filter(customer=cast.acme.customer)
    found = report(cast.acme.super_admin)
    assert found["accounts:num_users"] == 5
    assert found["accounts:num_suspended_users"] == 1
    assert found["accounts:apps_total_licenses"] == (sold.seats or 0)
    assert found["accounts:apps_used_licenses"] == 0
    assert "accounts:vault_total_licenses" not in found, "it was never bought"
    few = report(cast.acme.super_admin, parameters="accounts:num_users,accounts:vault_total_licenses,docs:num_docs")
    assert few == {"accounts:num_users": 5}


def test_of_a_day_that_has_passed_it_is_known_how_many_people_there_were(cast: Cast) -> None:
    now = database_now()
    User.objects.filter(customer=cast.acme.customer).update(created_at=now - timedelta(days=10))
    User.objects.filter(pk=cast.acme.nobody.pk).update(created_at=now - timedelta(days=2))
    gone = User.objects.filter(pk=make_person(cast.acme.customer, name="Zoe").pk)
    came, went = now - timedelta(days=10), now - timedelta(days=1)
    gone.update(created_at=came, deleted_at=went, is_active=False)
    for days, number in ((11, 0), (5, 4), (2, 5), (1, 4)):
        day = (now - timedelta(days=days)).date().isoformat()
        assert report(cast.acme.auditor, day) == {"accounts:num_users": number}, days


def test_a_day_that_has_not_come_is_refused_in_the_words_that_clients_read(cast: Cast) -> None:
    """GAM reads the newest day in the message, and asks again for that one."""
    today = database_now().date()
    with pytest.raises(HttpError) as error:
        report(cast.acme.super_admin, (today + timedelta(days=1)).isoformat())
    assert error.value.resp.status == 400
    said = str(error.value.reason)
    match = re.match("Data for dates later than (.*) is not yet available. Please check back later", said)
    assert match and match[1] == today.isoformat()
    with pytest.raises(HttpError) as error:
        report(cast.acme.super_admin, "2026-02-30")
    assert error.value.resp.status == 400


def test_S6_figures_are_of_a_console_that_the_person_may_read(cast: Cast) -> None:
    open_console(cast)
    acme = Customer.objects.get(pk=cast.acme.customer.pk).customer_id
    assert report(cast.resale_one.agent, customerId=acme)["accounts:num_users"] == 4
    assert report(cast.acme.super_admin, customerId=acme) == report(cast.acme.super_admin)
    for person, params, status in (
        (cast.acme.nobody, {}, 403),
        (cast.globex.super_admin, {"customerId": acme}, 404),
        (cast.resale_two.admin, {"customerId": acme}, 404),
        (cast.resale_one.agent, {}, 404),
        (cast.operator, {}, 404),
    ):
        with pytest.raises(HttpError) as error:
            report(person, **params)
        assert error.value.resp.status == status


def test_what_is_not_served_says_so(cast: Cast) -> None:
    reports = service(Client(), machine(cast.acme.super_admin), "admin", "reports_v1")
    for asked in (
        reports.userUsageReport().get(userKey="all", date="2026-11-01"),
        reports.entityUsageReports().get(entityType="gplus_communities", entityKey="all", date="2026-11-01"),
    ):
        with pytest.raises(HttpError) as error:
            asked.execute()
        assert error.value.resp.status == 501
