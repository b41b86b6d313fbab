"""The limits of time that every connection begins with, and who gets more (docs/decisions/0018)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import psycopg2
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from accounts.database.time_limits import (
    IDLE,
    LOCK,
    ROLE_LIMITS,
    STATEMENT,
    limit_role,
    long_transaction,
    long_work,
    missing_limits,
    sweep_transaction,
)
from tests import servers


def settings_of(session: object = connection) -> dict[str, str]:
    with session.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("SELECT name, current_setting(name) FROM unnest(%s) name", [[IDLE, LOCK, STATEMENT]])
        return dict(cursor.fetchall())


@pytest.mark.django_db
def test_R8_whoever_connects_has_the_limits_without_asking_for_them() -> None:
    other = psycopg2.connect(servers.database_url())
    try:
        assert settings_of(other) == {IDLE: "8s", LOCK: "2s", STATEMENT: "10s"}
    finally:
        other.close()
    assert missing_limits() == []


@pytest.fixture
def limits_again(transactional_db: None) -> Iterator[None]:
    """Put the limits back on the role, whatever a test did to them: every other test connects with them."""
    yield
    limit_role()
    connection.close()
    assert missing_limits() == []


@pytest.mark.usefixtures("limits_again")
@pytest.mark.parametrize("name", ROLE_LIMITS)
@pytest.mark.parametrize("seconds", [0, 3600])
def test_a_limit_that_is_missing_or_too_high_is_named(client: Client, name: str, seconds: int) -> None:
    limit_role({name: seconds})
    connection.close()
    assert missing_limits() == [name]
    said = client.get("/health/ready").json()
    assert (said["ready"], "limits" in said["failing"], said["limits"]) == (False, True, "missing")


@pytest.mark.usefixtures("limits_again")
def test_migrate_puts_the_limits_on_the_role_again_and_again() -> None:
    limit_role(dict.fromkeys(ROLE_LIMITS, 0))
    connection.close()
    assert missing_limits() == list(ROLE_LIMITS)
    call_command("migrate", "--plan", verbosity=0)
    connection.close()
    assert missing_limits() == list(ROLE_LIMITS)
    for _again in "12":
        call_command("migrate", verbosity=0)
        connection.close()
        assert missing_limits() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("more_time", "inside"),
    [
        (sweep_transaction, {IDLE: "8s", LOCK: "2s", STATEMENT: "1min"}),
        (long_transaction, {IDLE: "8s", LOCK: "5s", STATEMENT: "0"}),
        (long_work, {IDLE: "8s", LOCK: "5s", STATEMENT: "0"}),
    ],
)
def test_whoever_needs_more_time_has_it_for_as_long_as_it_works(
    more_time: Callable[[], AbstractContextManager[None]], inside: dict[str, str]
) -> None:
    before = settings_of()
    with more_time():
        assert settings_of() == inside
    assert settings_of() == before
    with pytest.raises(RuntimeError), more_time():
        raise RuntimeError
    assert settings_of() == before


@pytest.mark.django_db(transaction=True)
def test_long_work_that_fails_in_the_database_says_why() -> None:
    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic(), long_work():
        connection.cursor().execute("SELECT 1 / 0")
