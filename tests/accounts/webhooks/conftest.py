from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.accounts.webhooks.receiver import Receiver, receiver


@pytest.fixture
def program() -> Iterator[Receiver]:
    """A program that is told."""
    with receiver() as server:
        yield server
