from __future__ import annotations

from tests.web.reseller.customers_world import twin

__all__ = ["twin"]
