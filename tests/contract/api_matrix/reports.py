"""Reports v1: a customer's own log and figures; a reseller reads what its own people did, and no customer's (R14)."""

from __future__ import annotations

from tests.contract.api_matrix.asks import Ask, ask

_WATCHED = {"userKey": "all", "applicationName": "admin"}
_CHANNEL = {"id": "new-channel", "type": "web_hook", "address": "https://program.example/heard"}
ASKS: dict[str, Ask] = {
    "reports.activities.list": ask(**_WATCHED, customerId="{customer}"),
    "reports.activities.watch": ask(_CHANNEL, **_WATCHED, customerId="{customer}"),
    "admin.channels.stop": ask({"id": "{channel}", "resourceId": "{channel_resource}"}),
    "reports.customerUsageReports.get": ask(date="2026-01-01", customerId="{customer}"),
}
TABLE = """
reports.activities.list           ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
reports.activities.watch          ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
admin.channels.stop               OAAAAAAU AAAAAAAU AAAAAA AAUAA DD AA DDD OAD UU
reports.customerUsageReports.get  ODDOOODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
"""
