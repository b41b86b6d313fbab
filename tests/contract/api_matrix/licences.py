"""Licensing v1. Everybody but those on the level sees what Resale One sold; each of these sees what their own did."""

from __future__ import annotations

from tests.contract.api_matrix.asks import Ask, ask

_PRODUCT = {"productId": "Google-Apps"}
_STARTER = {**_PRODUCT, "skuId": "1010020027"}
_HELD = {**_STARTER, "userId": "{holder}"}
ASKS: dict[str, Ask] = {
    "licensing.licenseAssignments.get": ask(**_HELD),
    "licensing.licenseAssignments.insert": ask({"userId": "{user}"}, **_STARTER),
    "licensing.licenseAssignments.patch": ask({"skuId": "1010020028"}, **_HELD),
    "licensing.licenseAssignments.update": ask({**_PRODUCT, "userId": "{holder}", "skuId": "1010020028"}, **_HELD),
    "licensing.licenseAssignments.delete": ask(**_HELD),
    "licensing.licenseAssignments.listForProduct": ask(**_PRODUCT, customerId="{customer}"),
    "licensing.licenseAssignments.listForProductAndSku": ask(**_STARTER, customerId="{customer}"),
}
TABLE = """
licensing.licenseAssignments.get                   ODDDDODU OOOOAAAU DAAAAD DAUAD AA AA DDD DDD UU
licensing.licenseAssignments.insert                ODDDDDDU OOOOAAAU DDDODD DAUAD AA AA DDD DDD UU
licensing.licenseAssignments.patch                 ODDDDDDU OOOOAAAU DDDADD DAUAD AA AA DDD DDD UU
licensing.licenseAssignments.update                ODDDDDDU OOOOAAAU DDDADD DAUAD AA AA DDD DDD UU
licensing.licenseAssignments.delete                ODDDDDDU OOOOAAAU DDDADD DAUAD AA AA DDD DDD UU
licensing.licenseAssignments.listForProduct        ODDDDODU OOOOAAAU DOOOOD DAUAD AA AA DDD DDD UU
licensing.licenseAssignments.listForProductAndSku  ODDDDODU OOOOAAAU DOOOOD DAUAD AA AA DDD DDD UU
"""
