"""Starts PostgreSQL and Valkey for the tests before the settings are read (named by `-p` in pyproject.toml).

DATABASE_URL and REDIS_URL win when they are set. Workers of pytest-xdist use the servers of their controller:
a database of their own (pytest-django) on the one PostgreSQL, a numbered database of their own in the one Valkey.
"""

from __future__ import annotations

import os
import sys

import pytest

from reseller_console.local import migrated, places, processes
from reseller_console.local.postgres import Postgres
from reseller_console.local.valkey import Valkey

# The database of our server that the databases of tests are copied from; not there where DATABASE_URL named a server.
MIGRATED = "MIGRATED_DATABASE"


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Runs before pytest-django's hook of the same name, which reads the settings."""
    os.environ.update(migrated.ENVIRONMENT)
    keep_what_is_compiled()
    options = early_config.known_args_namespace
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        use_own_valkey_database(int(worker.removeprefix("gw")) + 1)
    elif not (options.help or options.version):
        start_servers(early_config)


def keep_what_is_compiled() -> None:
    """Tests start Python hundreds of times; where bytecode is not kept, each start compiles Django and Celery again.

    Where none is wanted beside the code, it goes to `.local`.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(places.STATE / "compiled")
        sys.dont_write_bytecode = False


def use_own_valkey_database(number: int) -> None:
    """Keep the tasks of one worker's tests away from the other workers' Celery processes."""
    base, _, _ = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{base}/{number}"


def start_servers(config: pytest.Config) -> None:
    """Start what no URL names, and end it with the test run."""
    if not os.environ.get("DATABASE_URL"):
        postgres = Postgres(places.temporary(processes.server_account()), for_tests=True, like=migrated.cluster())
        config.add_cleanup(postgres.remove)
        postgres.start()
        os.environ["DATABASE_URL"] = postgres.url()
        os.environ[MIGRATED] = migrated.DATABASE
    if not os.environ.get("REDIS_URL"):
        valkey = Valkey(places.temporary(None))
        config.add_cleanup(valkey.remove)
        valkey.start()
        os.environ["REDIS_URL"] = valkey.url
