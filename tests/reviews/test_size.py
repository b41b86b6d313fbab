"""R22: a reseller with very many customers begins, opens and ends a review with a fixed number of statements."""

from __future__ import annotations

import os
import time

import pytest
from django.contrib.auth.models import Permission as StoredPermission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.clock import database_now
from accounts.models import Customer
from subscriptions.models import Review, ReviewLine
from subscriptions.reviews.activity import facts_of, number_left
from subscriptions.reviews.finishing import overdue_reviews
from tests.reviews.world import DAY, Staffed, let_reviews_age

MANY = int(os.environ.get("MANY_CUSTOMERS", "500"))
_CUSTOMERS = """
    INSERT INTO accounts_customer (name, sort_name, primary_domain, postal_address, phone_number, asks_for_entry_reason)
    SELECT 'Customer ' || n, 'customer ' || n, 'big' || n || '.example', '', '', FALSE FROM generate_series(1, %s) n
"""
_WORK = """
    INSERT INTO {table} ({who}, customer_id, permission_id)
    SELECT %s, id, %s FROM accounts_customer WHERE primary_domain LIKE 'big%%'
"""


@pytest.fixture
def large(staffed: Staffed) -> Staffed:
    """As many customers as MANY_CUSTOMERS says, each with an agent and a team."""
    right = StoredPermission.objects.get(codename="work_for_customer").pk
    with connection.cursor() as cursor:
        cursor.execute(_CUSTOMERS, [MANY])
        cursor.execute(_WORK.format(table="accounts_customeragent", who="user_id"), [staffed.agent.pk, right])
        cursor.execute(_WORK.format(table="accounts_customerteam", who="group_id"), [staffed.team.group_id, right])
        cursor.execute("ANALYZE")
    assert Customer.objects.count() >= MANY
    return staffed


def timed(what: str, began: float) -> float:
    print(f"{what}: {time.monotonic() - began:.2f} s")  # asked for by hand, with -s
    return time.monotonic()


def test_R22_many_lines_are_made_shown_and_ended_by_few_statements(large: Staffed) -> None:
    at = time.monotonic()
    with CaptureQueriesContext(connection) as queries:
        review = large.begin()
    assert len(queries) < 40
    at = timed("begin", at)
    assert ReviewLine.objects.filter(review=review).count() == 2 * MANY + 2
    page = list(ReviewLine.objects.filter(review=review).order_by("pk").values_list("pk", flat=True)[:50])
    facts_of(page)
    at = timed("a page", at)
    assert number_left(review) == 2 * MANY + 2
    at = timed("what is left", at)
    let_reviews_age(31 * DAY)
    with CaptureQueriesContext(connection) as queries:
        assert sum(overdue_reviews()) == 1
    assert len(queries) < 40
    timed("the end", at)
    assert Review.objects.get().undecided == 2 * MANY + 2
    assert database_now() > review.began_at
