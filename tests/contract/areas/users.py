from __future__ import annotations

from tests.contract.areas.area import Area

AREA = Area(
    no_tenant={
        "accounts.Address": "no page shows it yet",
    },
)
