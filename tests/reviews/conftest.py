from __future__ import annotations

from tests.access.fixtures import stranger, world
from tests.reviews.world import staffed

__all__ = ["staffed", "stranger", "world"]
