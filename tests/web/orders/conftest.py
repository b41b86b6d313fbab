from __future__ import annotations

from tests.web.orders.world import admin

__all__ = ["admin"]
