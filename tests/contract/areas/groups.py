from __future__ import annotations

from tests.contract.areas.area import Area

AREA = Area(
    no_tenant={
        "accounts.DirectoryGroup": "no page shows it yet",
        "accounts.GroupMember": "no page shows it yet",
    },
)
