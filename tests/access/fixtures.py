"""The world of access as fixtures, for the conftest of a folder."""

from __future__ import annotations

import pytest

from tests.access.world import World, make_world


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def stranger(db: None) -> World:
    """Another customer with another reseller: nothing of it may ever show or change."""
    return make_world()
