"""The vendor's catalogue (B4)."""

from __future__ import annotations

from subscriptions.models import Sku

PUBLISHED = {
    "Google-Apps": {"1010020020", "1010020025", "1010020026", "1010020027", "1010020028"},
    "101001": {"1010010001"},
    "101005": {"1010050001"},
    "101033": {"1010330002", "1010330003", "1010330004"},
    "Google-Vault": {"Google-Vault"},
    "Google-Chrome-Device-Management": {"Google-Chrome-Device-Management"},
    "101040": {"1010400001"},
    "101047": {"1010470001"},
    "101043": {"1010430001"},
}


def test_B4_products_and_skus_have_the_ids_that_the_vendor_publishes(db: None) -> None:
    stored: dict[str, set[str]] = {}
    for product, sku in Sku.objects.values_list("product", "pk"):
        stored.setdefault(product, set()).add(sku)
    storage = stored.pop("Google-Drive-storage")
    assert stored == PUBLISHED
    assert {sku.rpartition("-")[0] for sku in storage} == {"Google-Drive-storage"}
