from __future__ import annotations

from tests.contract.areas.area import Area
from tests.contract.lists import AGENT, RESELLER_ADMIN, List, more_customers

AREA = Area(
    table="""
GET  reseller_home                         AAAAAAAL OOOOODD OOOOL  OO     DD     AA     AAAAAAA OOOOODD OO      L
""",
    lists=(
        List("reseller_home", RESELLER_ADMIN, more_customers),
        List("reseller_home", AGENT, more_customers, label="an agent"),
    ),
)
