from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from tests.contract import areas
from tests.contract import world as worlds
from tests.contract.world import World


@pytest.fixture(scope="module")
def world(application_role: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world, built once for all tests of a module in one transaction that is never committed."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield worlds.build(areas.furnish)
        transaction.set_rollback(True)


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
