"""Processes that lock a customer, each in the middle of its real work, and then stand still in one of three ways.

`frozen_holders` starts one program, which forks one process for each, so that Django is loaded once, and freezes each
as soon as it has its lock.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from threading import Timer
from typing import Any

import psutil
from django.db import connection

from accounts.actor import Actor
from accounts.directory import deleting, people
from accounts.models import Customer, User
from accounts.roles import Role
from jobs import running
from reseller_console.local import places, processes
from subscriptions import automatic_licences
from subscriptions.lifecycle import settling
from support import migration
from tests import servers

IDLE, LARGE_ANSWER, COPY = "idle in transaction", "in the middle of a large answer", "in COPY"
WAYS = (IDLE, LARGE_ANSWER, COPY)
# 4 GB, a row in a millisecond: it is never over, and what a frozen process does not take fills every buffer at once.
_LARGE = "SELECT repeat('x', 10000), pg_sleep(0.001) FROM generate_series(1, 400000)"
_FOREVER = 600
_PROGRAM = "import django; django.setup(); from tests.faults import holders; holders.main()"


@dataclass(frozen=True, slots=True)
class Holder:
    """kind: whose work it is, a key of `WORKS`; it finds itself what is due, or works on this customer."""

    kind: str
    way: str
    customer: int


def _say(word: str, number: int) -> None:
    """Write a line at once: others write into the same pipe."""
    os.write(sys.stdout.fileno(), f"{word} {number} {os.getpid()}\n".encode())


def _change_a_name(customer: int) -> object:
    admin = User.objects.get(customer=customer, role_assignments__role=Role.SUPER_ADMIN)
    return people.change_user(actor=Actor(admin), person=admin, name="Somebody Else")


WORKS: Mapping[str, Callable[[int], object]] = {
    "web verb": _change_a_name,
    "automatic licences": lambda _customer: automatic_licences.give_automatic_licences(),
    "settling": lambda _customer: settling.settle_due_subscriptions(),
    "moving": lambda pk: migration.migrate_customer(actor=None, customer=Customer.objects.get(pk=pk)),
    "purging": lambda _customer: deleting.purge_deleted_users(actor=None),
    "jobs": lambda _customer: list(running.batches()),
}


class _Feed(io.TextIOBase):
    """What COPY reads from: says that it was asked, and never answers."""

    def __init__(self, say: Callable[[], None]) -> None:
        self._say = say

    def read(self, _size: int | None = -1) -> str:
        self._say()
        time.sleep(_FOREVER)
        return ""


def _hold(number: int, holder: Holder) -> None:
    """Do the work up to the first lock of a customer, then stand still."""

    def say() -> None:
        _say("held", number)

    def stand_still(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if "FOR NO KEY UPDATE" not in sql or 'FROM "accounts_customer"' not in sql or not context["cursor"].rowcount:
            return result
        assert connection.connection is not None
        with connection.connection.cursor() as cursor:
            if holder.way == COPY:
                cursor.copy_expert("COPY accounts_heartbeat (name) FROM STDIN", _Feed(say))
            elif holder.way == LARGE_ANSWER:
                Timer(0.3, say).start()
                cursor.execute(_LARGE)
        say()
        time.sleep(_FOREVER)
        return result

    with connection.execute_wrapper(stand_still):
        WORKS[holder.kind](holder.customer)


def main() -> None:
    """The program: its argument says what to hold."""
    for number, values in enumerate(json.loads(sys.argv[1])):
        if os.fork() == 0:
            try:
                _hold(number, Holder(**values))
            except BaseException:  # noqa: BLE001  a forked process must not go on with the loop
                traceback.print_exc()
            _say("never", number)
            os._exit(1)
    time.sleep(_FOREVER)


@contextmanager
def frozen_holders(holders: Sequence[Holder]) -> Iterator[None]:
    """Let these hold their customers, and freeze each as soon as it does; all are gone at the end."""
    read, write = os.pipe()
    program = [sys.executable, "-c", _PROGRAM, json.dumps([asdict(holder) for holder in holders])]
    with os.fdopen(read) as said:
        child = processes.start(program, cwd=places.CHECKOUT, env=servers.environment(), stdout=write)
        os.close(write)
        try:
            for _holder in holders:
                word, number, pid = said.readline().split()
                assert word == "held", f"{holders[int(number)]} found nothing to do"
                psutil.Process(int(pid)).suspend()
            yield
        finally:
            processes.kill(child)
