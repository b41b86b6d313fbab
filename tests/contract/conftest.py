from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from reseller_console.local.postgres import APPLICATION
from tests import servers
from tests.contract import areas, walks
from tests.contract import world as worlds
from tests.contract.world import World


class Standing:
    """The world as it stands in one transaction that is never committed, until a test comes that is not about it."""

    def __init__(self, blocker: DjangoDbBlocker) -> None:
        self.blocker = blocker
        self._worlds: dict[str, World] = {}
        self._open = ExitStack()

    def world_of(self, module: str) -> World:
        """Return it in objects of the module's own: what one module leaves on them, no other module finds there."""
        if not self._worlds:
            self._open.enter_context(self.blocker.unblock())
            self._open.enter_context(servers.connected_as(APPLICATION))
            self._open.enter_context(transaction.atomic())
            self._open.callback(transaction.set_rollback, True)
            servers.let_transaction_take_its_time()
            try:
                self._worlds[""] = worlds.build(areas.furnish)
            except BaseException:
                self.end()  # so that every test says what is wrong, not that half a world stands
                raise
        if module not in self._worlds:
            self._worlds[module] = copy.deepcopy(self._worlds[""])
        return self._worlds[module]

    def end(self) -> None:
        """Take everything back: the database is as the migrations left it."""
        self._worlds.clear()
        walks.forget()
        self._open.close()


STANDING = pytest.StashKey[Standing]()


@pytest.fixture(scope="session")
def standing(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, pytestconfig: pytest.Config
) -> Iterator[Standing]:
    """The one world of this process, built at most once where the tests that use it follow each other."""
    pytestconfig.stash[STANDING] = standing = Standing(django_db_blocker)
    yield standing
    standing.end()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the world before a test that needs the database empty, or its connection for itself."""
    if STANDING in item.config.stash and "standing" not in getattr(nextitem, "fixturenames", ()):
        item.config.stash[STANDING].end()


@pytest.fixture
def world(standing: Standing, request: pytest.FixtureRequest) -> World:
    """The world, the same for all tests of a module."""
    return standing.world_of(request.module.__name__)


@pytest.fixture
def db(world: World) -> Iterator[None]:
    """In this folder `db` is the world: what a test writes is taken back to a savepoint, and the world stays.

    The name matters: it tells pytest-django that a test needs the test database.
    """
    logging.disable(logging.WARNING)  # Thousands of refusals, each with its line.
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def _leaves_the_world_as_it_is(request: pytest.FixtureRequest) -> None:
    """What a test writes is taken back also where it looks at the world without asking for `db`."""
    if "world" in request.fixturenames:
        request.getfixturevalue("db")
