"""Sweeps by the database's clock, turns that end, and queues in which few messages wait."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
import redis
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from accounts.background import nudging, sweeping
from accounts.mail import post, sending
from accounts.models import Mail, Sweep, User
from accounts.tasks import send_due_mails
from reseller_console.celery import app
from tests import servers
from tests.cast import Cast

pytestmark = pytest.mark.django_db

INTERVAL = settings.MAIL_SWEEP_INTERVAL


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    """The broker, empty."""
    with redis.Redis.from_url(servers.broker_url()) as client:
        client.flushdb()
        yield client


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Turns end with their first step."""
    monkeypatch.setattr(sweeping, "TURN", 0)


def time_passes(seconds: float) -> None:
    Sweep.objects.update(began_at=F("began_at") - timedelta(seconds=seconds))


def mails(person: User, number: int) -> None:
    for _ in range(number):
        post.queue("password_reset", [person])


def waiting() -> int:
    return Mail.objects.filter(attempts=0).count()


# --- Sweeps -------------------------------------------------------------------------------------------


def test_a_sweep_is_claimed_once_in_half_an_interval() -> None:
    assert sweeping.claim("mail", INTERVAL)
    assert not sweeping.claim("mail", INTERVAL)
    assert sweeping.claim("jobs", INTERVAL)
    time_passes(INTERVAL / 2 - 1)
    assert not sweeping.claim("mail", INTERVAL)
    time_passes(2)
    assert sweeping.claim("mail", INTERVAL)


def test_a_clock_that_was_set_back_silences_no_sweep() -> None:
    assert sweeping.claim("mail", INTERVAL)
    time_passes(-3600)
    assert sweeping.claim("mail", INTERVAL)
    assert not sweeping.claim("mail", INTERVAL)


def test_a_pile_of_sweeps_costs_a_query_each(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    send_due_mails(swept=True)
    mails(cast.acme.super_admin, 1)
    with django_assert_num_queries(20):
        for _ in range(20):
            send_due_mails(swept=True)
    assert waiting() == 1


def test_a_nudge_is_worked_on_though_a_sweep_has_just_begun(cast: Cast) -> None:
    send_due_mails(swept=True)
    mails(cast.acme.super_admin, 1)
    send_due_mails()
    assert waiting() == 0


def test_the_age_of_a_sweep_is_that_of_the_last_one_that_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sweeping.ages() == dict.fromkeys(settings.SWEEPS)
    send_due_mails(swept=True)
    Sweep.objects.update(began_at=F("began_at") - timedelta(hours=1), ended_at=F("ended_at") - timedelta(hours=1))
    assert 3600 <= sweeping.ages()["mail"] < 3700

    def fails() -> Iterator[int]:
        raise DatabaseError("away")
        yield 1

    monkeypatch.setattr(sending, "due_mails", fails)
    with pytest.raises(DatabaseError):
        send_due_mails(swept=True)
    assert sweeping.ages()["mail"] >= 3600


def test_every_task_of_ours_has_a_queue_and_an_interval() -> None:
    app.loader.import_default_modules()
    assert {name for name in app.tasks if not name.startswith("celery.")} == {s.task for s in settings.SWEEPS.values()}


# --- Turns --------------------------------------------------------------------------------------------


def test_a_turn_ends_however_much_there_is(no_time: None) -> None:
    assert sweeping.do_for_a_turn(count())[1]
    assert sweeping.do_for_a_turn(()) == (0, False)


def test_what_a_turn_has_left_gets_another_one(cast: Cast, no_time: None, broker: redis.Redis) -> None:
    mails(cast.acme.super_admin, 3)
    send_due_mails()
    assert (waiting(), broker.llen("mail")) == (2, 1)
    for _ in range(2):
        send_due_mails()
    assert waiting() == 0


def test_a_row_that_fails_does_not_hold_up_the_others(caplog: pytest.LogCaptureFixture) -> None:
    @transaction.atomic
    def divide(number: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 6 / %s", [number])
            return int(cursor.fetchone()[0])

    assert list(sweeping.each([2, 0, 3], divide)) == [3, 0, 2]
    assert "divide of 0 failed" in caplog.text


def test_a_row_is_done_until_nothing_is_left() -> None:
    left = iter([3, 1, 0, 7, 0])
    assert list(sweeping.each("ab", lambda _row: next(left), until_done=True)) == [3, 1, 0, 7, 0]


# --- Queues -------------------------------------------------------------------------------------------


def test_with_no_worker_few_messages_wait(broker: redis.Redis) -> None:
    for _ in range(50):
        nudging.ask_for_sweep(send_due_mails.name)
    assert broker.llen("mail") == 1
    for _ in range(50):
        nudging.ask_for_another_turn(send_due_mails.name)
    assert broker.llen("mail") == nudging.TURNS_WAITING_AT_MOST
    for _ in range(50):
        nudging.nudge(send_due_mails.name)
    assert broker.llen("mail") == nudging.WAITING_AT_MOST


def test_a_nudge_is_sent_though_sweeps_wait(broker: redis.Redis) -> None:
    """Two schedulers that look at the same moment send two sweeps, and both may do nothing."""
    for _ in range(2):
        app.send_task(send_due_mails.name, kwargs={"swept": True})
    nudging.nudge(send_due_mails.name)
    assert broker.llen("mail") == 3
