from __future__ import annotations

from tests.access.fixtures import stranger, world

__all__ = ["stranger", "world"]
