"""A database of its own, as the migrations leave it, for tests of migrations."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from pytest_django.plugin import DjangoDbBlocker

from reseller_console.local.pytest_plugin import MIGRATED

# One for each of the processes that share a server.
PROCESS = os.environ.get("PYTEST_XDIST_WORKER", "alone")
SCRATCH = f"scratch_for_migrations_{PROCESS}"
NEWEST = f"newest_for_migrations_{PROCESS}"


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database without a transaction, in place of this folder's world.

    The world stands in a transaction that is open until the file is through; a connection closed within one stays
    closed, and the next test here would find it so. The name tells pytest-django that the database is needed.
    """
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def migrated(db: None, newest: str, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database as the migrations leave it, as Django's default database."""
    with django_db_blocker.unblock(), default_database(SCRATCH, newest):
        yield


@pytest.fixture(scope="module")
def newest(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The name of a database that was migrated once, to be copied."""
    with django_db_blocker.unblock():
        with default_database(NEWEST, os.environ.get(MIGRATED, "template0"), keep=True):
            call_command("migrate", verbosity=0)
        yield NEWEST
        with connection._nodb_cursor() as cursor:  # noqa: SLF001  what Django's own test runner uses
            cursor.execute(f"DROP DATABASE {NEWEST}")


@contextmanager
def default_database(name: str, template: str, *, keep: bool = False) -> Iterator[None]:
    """Create a database and make it Django's default one for the block."""
    with connection._nodb_cursor() as cursor:  # noqa: SLF001  what Django's own test runner uses
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8'")
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections["default"].close()
        connection.settings_dict["NAME"] = before
        if not keep:
            with connection._nodb_cursor() as cursor:  # noqa: SLF001  see above
                cursor.execute(f"DROP DATABASE {name}")


def states_before(order: list[Migration], executor: MigrationExecutor) -> list[ProjectState]:
    """Return what each migration begins with. The executor would work that out again for every step."""
    states, state = [], executor.loader.project_state([])
    for migration in order:
        # From here on it goes along, and only what a migration changes is made again.
        state.apps  # noqa: B018  made when it is asked for
        states.append(state)
        state = migration.mutate_state(state, preserve=True)
    return states
