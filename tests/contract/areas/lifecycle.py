from __future__ import annotations

from tests.contract.areas.area import Area

AREA = Area(
    no_tenant={
        "subscriptions.Order": "no page shows it yet",
    },
)
