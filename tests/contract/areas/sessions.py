from __future__ import annotations

from tests.contract.areas.area import Area

AREA = Area(
    no_tenant={
        "accounts.ConsoleSession": "no page shows it yet",
        "accounts.Notification": "no page shows it yet",
    },
)
