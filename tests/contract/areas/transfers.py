from __future__ import annotations

from tests.contract.areas.area import Area

AREA = Area(
    no_tenant={
        "subscriptions.Transfer": "no page shows it yet",
        "subscriptions.TransferToken": "no page shows it yet",
    },
)
