"""Set-up for every test. The servers are started by `reseller_console/local/pytest_plugin.py`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.core.management import call_command, get_commands
from pytest_django.plugin import DjangoDbBlocker

from tests import flush


def pytest_configure(config: pytest.Config) -> None:
    """Compile the translations once, before anything is translated."""
    if "PYTEST_XDIST_WORKER" not in os.environ and "compile_translations" in get_commands():
        call_command("compile_translations", verbosity=0)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright's event loop stays in the thread, and Django refuses the database beside one."""
    items.sort(key=lambda item: item.nodeid.startswith("tests/browser/"))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database as the migrations leave it, and a flush that comes back to that."""
    with django_db_blocker.unblock():
        flush.keep_migrated_rows()
    with pytest.MonkeyPatch.context() as monkeypatch:
        flush.install(monkeypatch)
        yield
