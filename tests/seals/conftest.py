from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from pytest_django.plugin import DjangoDbBlocker

from reseller_console.local.postgres import APPLICATION, Postgres
from tests import servers
from tests.seals.log import KEY, Log, run

# As migrations leave it; numbers of events and transactions go on.
EMPTY = """
SET session_replication_role = replica;
DELETE FROM accounts_auditevent; DELETE FROM accounts_seal; DELETE FROM accounts_sealkey; DELETE FROM accounts_sealing;
DELETE FROM accounts_droppedmonths; DELETE FROM accounts_sealera WHERE number > 1;
UPDATE accounts_sealera SET reason = '', after_id = 0;
"""


@pytest.fixture
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database of the tests without a transaction. The name tells pytest-django that it is needed."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="package")
def server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Postgres]:
    """A PostgreSQL with a migrated database, without anybody else's transactions.

    What goes on in one database of a server keeps the events of all from being final.
    """
    server = servers.migrated_postgres()
    try:
        with django_db_blocker.unblock():
            servers.start_as_migrated(server)
        yield server
    finally:
        server.remove()


@pytest.fixture
def log(db: None, server: Postgres, settings: Settings, tmp_path: Path) -> Iterator[Log]:
    """An empty log, as the application's role, and a place outside."""
    run(server, EMPTY)
    outside = tmp_path / "outside"
    storage = {"BACKEND": "accounts.seals.outside.SealFolder", "OPTIONS": {"location": str(outside)}}
    settings.STORAGES = {**settings.STORAGES, "audit_seals": storage}
    settings.AUDIT_SEAL_KEY = KEY
    with servers.database_at(server), servers.connected_as(APPLICATION):
        yield Log(server, outside)
