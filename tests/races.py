"""Two verbs at the same instant."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from accounts.errors import Refused

PATIENCE = 3  # seconds


def second_waits_for_first(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Start `second` while the transaction of `first` is open, and commit that when `second` waits for a lock."""
    done_but_open = Event()

    def run_first() -> None:
        with transaction.atomic():
            first()
            done_but_open.set()
            wait_until_somebody_waits()
        connection.close()

    def run_second() -> None:
        assert done_but_open.wait(10 * PATIENCE)
        try:
            second()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        for running in [pool.submit(run_first), pool.submit(run_second)]:
            running.result(timeout=10 * PATIENCE)


def second_does_not_wait(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Do `second` on its own connection while the transaction of `first` is open; it fails where it would wait."""

    def run_second() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '200ms'")
            second()
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        first()
        pool.submit(run_second).result(timeout=10 * PATIENCE)


def wait_until_somebody_waits() -> None:
    """Give the other verb the time to get as far as it can; that it waits is not asked, only what comes of it."""
    deadline = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            # Not pg_stat_activity: it says the same until the end of the transaction that asks.
            cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)


def at_once(*jobs: Callable[[], object]) -> list[Exception | None]:
    """Run jobs in threads that start together, each on its own connection; return what each raised."""
    barrier = threading.Barrier(len(jobs))
    raised: list[Exception | None] = [None] * len(jobs)

    def run(index: int, job: Callable[[], object]) -> None:
        try:
            barrier.wait()
            job()
        except (Refused, PermissionDenied, DatabaseError) as error:  # the test judges them
            raised[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=entry) for entry in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
