from __future__ import annotations

from tests.contract.areas.area import Area

AREA = Area()
