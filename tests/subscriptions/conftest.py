from __future__ import annotations

from tests.access.fixtures import stranger, world
from tests.cast import cast

__all__ = ["cast", "stranger", "world"]
