from __future__ import annotations

from tests.accounts.directory_world import directory
from tests.cast import cast

__all__ = ["cast", "directory"]
