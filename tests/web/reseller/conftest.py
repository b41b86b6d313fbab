from __future__ import annotations

from tests.web.reseller.customers_world import twin
from tests.web.reseller.staff_world import rita

__all__ = ["rita", "twin"]
