"""Hundreds of changes at once, and what must be true of them when everything is over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg2
import psycopg2.extensions
import pytest
from django.db import connection, transaction

from accounts.clock import database_now
from accounts.models import AuditEvent, Customer, OrgUnit, Reseller
from subscriptions.access import outbox, reconcile
from subscriptions.access.effective import in_force
from subscriptions.models import AccessChange, AccessGrant
from tests import servers
from tests.access.world import REQUESTED_NAMES, SETTLED_NAMES
from tests.factories import put_reseller

# Seconds that anything here may take to come true.
PATIENCE = 30.0


def begin_relations(number: int, crowd: str = "crowd") -> list[AccessGrant]:
    """Make that many customers of one reseller whose access is wished, queued and due, the oldest wish first."""
    reseller = put_reseller()
    names = [f"{crowd}{n}" for n in range(number)]
    customers = Customer.objects.bulk_create(
        Customer(name=name, sort_name=name, primary_domain=f"{name}.example") for name in names
    )
    OrgUnit.objects.bulk_create(OrgUnit(customer=customer, approves_mobile_devices=False) for customer in customers)
    grants = AccessGrant.objects.bulk_create(_closed(customer, reseller) for customer in customers)
    with transaction.atomic():
        now = database_now()
        due = [now - timedelta(milliseconds=number - n) for n in range(number)]
        outbox.queue([outbox.Step(g, True, d) for g, d in zip(grants, due, strict=True)], actor=None, now=now)
    return grants


def _closed(customer: Customer, reseller: Reseller) -> AccessGrant:
    return AccessGrant(
        customer=customer,
        reseller=reseller,
        allowed=False,
        customer_name=customer.name,
        customer_sort_name=customer.sort_name,
        customer_domain=customer.primary_domain,
    )


def settled() -> int:
    return AccessChange.objects.filter(settled_at__isnull=False).count()


def eventually(what: Callable[[], bool], *, within: float = PATIENCE) -> None:
    """Wait until it is true; fail when it never is."""
    deadline = time.monotonic() + within
    while not what():
        if time.monotonic() > deadline:
            pytest.fail(f"not true after {within} seconds")
        time.sleep(0.05)


def assert_everything_is_effective_exactly_once() -> None:
    """Every wish came true, every change has one event of each kind, and the doctor finds nothing."""
    eventually(lambda: not AccessChange.objects.filter(settled_at=None).exists())
    for names, what in ((REQUESTED_NAMES, "requested"), (SETTLED_NAMES, "settled")):
        written = AuditEvent.objects.filter(access_change_id__isnull=False, name__in=names)
        ids = list(written.order_by("access_change_id").values_list("access_change_id", flat=True))
        assert ids == list(AccessChange.objects.order_by("pk").values_list("pk", flat=True)), f"not {what} exactly once"
    open_ = set(AccessGrant.objects.filter(in_force()).values_list("pk", flat=True))
    assert open_ == set(AccessGrant.objects.filter(allowed=True).values_list("pk", flat=True))
    assert reconcile.check() == []


@contextmanager
def another_session() -> Iterator[psycopg2.extensions.connection]:
    """A session of its own, in which a test holds a lock for as long as it likes; released at the end."""
    other = psycopg2.connect(servers.database_url(servers.ADMINISTRATOR))
    try:
        with other, other.cursor() as cursor:
            cursor.execute("SET idle_in_transaction_session_timeout = 0")
        yield other
    finally:
        other.close()


def waiting_for_a_lock() -> int:
    """How many sessions of workers wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])
