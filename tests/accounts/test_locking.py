"""Who waits for a customer, for how long, and what taking access away does to those in its way (R8)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg2
import psycopg2.extensions
import pytest
from django.db import DatabaseError, OperationalError, connection, connections, transaction

from accounts.database import freeing
from accounts.database.freeing import TAKING_AWAY, Waiter
from accounts.database.time_limits import sweep_transaction
from accounts.locking import CustomerBusy, is_busy, lock_customer, taking_away
from accounts.models import Customer
from tests.factories import put_customer
from tests.faults.crowd import another_session, eventually, waiting_for_a_lock
from tests.locks import LOCK, Session, held, run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer() -> Customer:
    return put_customer()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What holds up taking access away is ended at once."""
    monkeypatch.setattr(freeing, "PATIENCE", 0.2)


def is_ended(session: Session) -> bool:
    try:
        run(session, "SELECT 1")
    except psycopg2.OperationalError:
        return True
    return False


def take(customer: Customer) -> None:
    with taking_away():
        lock_customer(customer)


def change(customer: Customer) -> None:
    with transaction.atomic():
        lock_customer(customer)


@contextmanager
def beside(*calls: Callable[[], object]) -> Iterator[list[BaseException | None]]:
    """Run each in a thread of its own while the block runs; afterwards the list has what each raised."""
    raised: list[BaseException | None] = []

    def call(what: Callable[[], object]) -> BaseException | None:
        try:
            what()
        except DatabaseError as error:
            return error
        finally:
            connections.close_all()
        return None

    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(call, what) for what in calls]
        yield raised
        raised += [future.result() for future in futures]


@pytest.mark.usefixtures("impatient")
def test_R8_what_keeps_taking_access_away_waiting_is_ended(
    customer: Customer, caplog: pytest.LogCaptureFixture
) -> None:
    with held(customer) as other, held(put_customer()) as stranger:
        take(customer)
        assert (is_ended(other), is_ended(stranger)) == (True, False)
    assert "idle in transaction (ClientRead), in its transaction for" in caplog.text


@pytest.mark.usefixtures("impatient")
def test_whoever_only_waits_is_not_ended_but_what_it_waits_for(customer: Customer) -> None:
    with held(customer) as other, beside(lambda: change(customer)) as raised:
        eventually(lambda: waiting_for_a_lock() == 1)
        take(customer)
        assert is_ended(other)
    assert raised == [None]


@pytest.mark.usefixtures("impatient")
def test_of_several_that_take_access_away_none_ends_another(customer: Customer) -> None:
    with held(customer) as other, beside(*[lambda: take(customer)] * 4) as raised:
        eventually(lambda: is_ended(other))
    assert raised == [None] * 4


@pytest.mark.usefixtures("impatient")
def test_one_that_takes_access_away_and_stands_still_is_ended_too(customer: Customer) -> None:
    with another_session() as other:
        run(other, "SELECT set_config('application_name', %s, true)", TAKING_AWAY)
        run(other, LOCK, customer.pk)
        take(customer)
        assert is_ended(other)


def test_a_transaction_that_has_only_begun_is_waited_for(customer: Customer) -> None:
    with held(customer) as other, beside(lambda: take(customer)) as raised:
        eventually(lambda: waiting_for_a_lock() == 1)
        other.rollback()
    assert raised == [None]


@pytest.mark.usefixtures("impatient")
def test_where_nothing_is_in_the_way_no_thread_and_no_connection_is_left(customer: Customer) -> None:
    before = threading.active_count(), sessions()
    take(customer)
    assert (threading.active_count(), sessions()) == before
    with held(customer):
        take(customer)
    assert threading.active_count() == before[0]
    eventually(lambda: sessions() == before[1])


def sessions() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def test_nothing_is_ended_for_a_transaction_that_is_over(customer: Customer) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), now()")
        over = Waiter(*cursor.fetchone())
    with held(customer) as other, beside(lambda: change(customer)) as raised:
        eventually(lambda: waiting_for_a_lock() == 1)
        assert freeing.free(over, []) == []
        assert not is_ended(other)
        other.rollback()
    assert raised == [None]


def test_taking_access_away_has_more_time_than_anything_else(customer: Customer) -> None:
    with taking_away(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        assert cursor.fetchone() == ("12s", "15s")


def test_every_other_verb_is_told_that_it_is_busy_and_of_many_only_two_wait(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One customer's lock leaves threads of a web server to others."""
    took: list[float] = []

    def timed() -> None:
        began = time.monotonic()
        try:
            change(customer)
        finally:
            took.append(time.monotonic() - began)

    with held(customer), beside(timed, timed) as waiting:
        eventually(lambda: waiting_for_a_lock() == 2)  # of which one has the first place in the row's queue
        with beside(timed, timed) as raised:
            pass
        assert [type(error) for error in raised] == [CustomerBusy, CustomerBusy]
        assert len(took) == 2, "those who came first still wait"
    assert all(isinstance(error, CustomerBusy) and is_busy(error) for error in waiting)
    assert max(took[:2]) < min(took[2:]) / 2
    assert max(took[2:]) < min(took[2:]) * 1.5, "the second waited for two locks as long as for one"
    change(customer)


def test_a_wait_changes_the_limits_of_nothing_that_follows(customer: Customer) -> None:
    limits: list[str] = []

    def change_and_look() -> None:
        with sweep_transaction(), connection.cursor() as cursor:
            lock_customer(customer)
            cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
            limits.extend(cursor.fetchone())

    with held(customer) as other, beside(change_and_look):
        eventually(lambda: waiting_for_a_lock() == 1)
        other.rollback()
    assert limits == ["2s", "1min"]


# What happens, and whether the connection is cut: then a process may find that before it reads the reason.
BUSY = {
    "it waited too long for a lock": ("SET lock_timeout = '50ms'", LOCK, False),
    "it took too long": ("SET statement_timeout = '50ms'", "SELECT pg_sleep(5), %s", False),
    "it paused for too long": ("SET idle_in_transaction_session_timeout = '50ms'", "SELECT %s", True),
    "it was ended": ("SELECT 1", "SELECT pg_terminate_backend(pg_backend_pid()), %s", True),
}


@pytest.mark.parametrize("why", BUSY)
def test_the_database_says_busy(customer: Customer, why: str) -> None:
    limit, statement, is_cut = BUSY[why]
    mine = connection.copy()
    try:
        with held(customer), mine.cursor() as cursor:
            mine.set_autocommit(False)
            cursor.execute(limit)
            time.sleep(0.2)
            with pytest.raises(DatabaseError) as refused:
                cursor.execute(statement, [customer.pk])
        assert is_busy(refused.value) or (is_cut and isinstance(refused.value, OperationalError))
    finally:
        mine.close()


def test_what_the_database_refuses_for_another_reason_is_not_busy(customer: Customer) -> None:
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    assert not is_busy(refused.value)
    assert not is_busy(ValueError())
