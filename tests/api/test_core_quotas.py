"""Quotas: for each service account, and for reading and writing of each API (X5)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from googleapiclient.errors import HttpError

from accounts.machines import quotas
from accounts.machines.quotas import seconds_to_wait
from accounts.models import ApiQuota, User
from tests.api.google import service
from tests.api.machines import account_of, machine
from tests.api.serving import UNITS, Caller


@pytest.fixture
def few() -> Iterator[None]:
    with override_settings(API_READS_PER_MINUTE=3, API_WRITES_PER_MINUTE=1):
        yield


def test_more_calls_than_a_minute_has_are_told_when_to_come_back(units: Caller, few: None) -> None:
    answers = [units.get(UNITS) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[3].json()["error"]["errors"][0]["reason"] == "rateLimitExceeded"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60


def test_reading_writing_other_apis_and_other_accounts_are_counted_by_themselves(
    units: Caller, ana: User, few: None
) -> None:
    assert [units.get(UNITS).status_code for _ in range(4)][-1] == 429
    assert units.send("PATCH", f"{UNITS}/Sales", {"name": "Ventes"}).status_code == 200
    assert units.send("PATCH", f"{UNITS}/Ventes", {"name": "Sales"}).status_code == 429
    assert units.get("/apps/licensing/v1/product/Google-Apps/users?customerId=C1").status_code == 501
    assert Caller.of(ana).get(UNITS).status_code == 200


def test_the_next_minute_begins_from_none(units: Caller, few: None) -> None:
    assert [units.get(UNITS).status_code for _ in range(4)][-1] == 429
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_apiquota SET minute = minute - interval '1 minute'")
    assert units.get(UNITS).status_code == 200


def test_the_client_of_the_original_understands(units: Caller, ana: User, few: None) -> None:
    client = service(Client(), machine(ana), "admin", "directory_v1").orgunits().list(customerId="my_customer")
    for _ in range(3):
        client.execute()
    with pytest.raises(HttpError) as refused:
        client.execute()
    assert refused.value.status_code == 429
    assert refused.value.error_details[0]["reason"] == "rateLimitExceeded"


def test_most_calls_ask_the_database_nothing_of_quotas(ana: User, django_assert_max_num_queries: Any) -> None:
    account = account_of(ana)
    assert seconds_to_wait(account.pk, "read", 2_400) == 0
    with django_assert_max_num_queries(3):
        assert {seconds_to_wait(account.pk, "read", 2_400) for _ in range(40)} == {0}


def test_what_one_process_counted_another_one_knows(ana: User) -> None:
    account = account_of(ana)
    for _ in range(4):
        quotas.forget()  # another process knows nothing of this one
        seconds_to_wait(account.pk, "read", 5)
    assert ApiQuota.objects.get(account=account).counted == 4
    quotas.forget()
    assert seconds_to_wait(account.pk, "read", 5) == 0
    quotas.forget()
    assert seconds_to_wait(account.pk, "read", 5) > 0


def test_no_call_is_lost_where_several_threads_count(transactional_db: None, ana: User) -> None:
    account, refused = account_of(ana), list[int]()

    def call() -> None:
        refused.extend(seconds_to_wait(account.pk, "read", 100) for _ in range(40))
        connection.close()

    threads = [Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(1.1)
    seconds_to_wait(account.pk, "read", 100)
    if len(set(ApiQuota.objects.values_list("minute"))) == 1:
        assert sum(wait == 0 for wait in refused) <= 101
        assert ApiQuota.objects.get(account=account).counted >= 100
