from __future__ import annotations

from tests.contract.areas.area import Area

AREA = Area(
    no_tenant={
        "subscriptions.Licence": "no page shows it yet",
        "subscriptions.AutoLicence": "no page shows it yet",
    },
)
