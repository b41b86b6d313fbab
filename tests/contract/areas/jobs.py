from __future__ import annotations

from tests.contract.areas.area import Area

AREA = Area(
    no_tenant={
        "accounts.Job": "no page shows it yet",
        "accounts.JobLine": "no page shows it yet",
    },
)
