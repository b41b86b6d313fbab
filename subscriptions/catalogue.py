"""The vendor's catalogue under its published ids (B4). Names of products are not translated."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subscriptions.models import Product, Sku

PRODUCTS: dict[str, tuple[str, dict[str, str]]] = {
    "Google-Apps": (
        "Google Workspace",
        {
            "1010020027": "Google Workspace Business Starter",
            "1010020028": "Google Workspace Business Standard",
            "1010020025": "Google Workspace Business Plus",
            "1010020026": "Google Workspace Enterprise Standard",
            "1010020020": "Google Workspace Enterprise Plus",
        },
    ),
    "101001": ("Cloud Identity Free", {"1010010001": "Cloud Identity Free"}),
    "101005": ("Cloud Identity Premium", {"1010050001": "Cloud Identity Premium"}),
    "101033": (
        "Google Voice",
        {
            "1010330003": "Google Voice Starter",
            "1010330004": "Google Voice Standard",
            "1010330002": "Google Voice Premier",
        },
    ),
    "Google-Vault": ("Google Vault", {"Google-Vault": "Google Vault"}),
    "Google-Chrome-Device-Management": (
        "Chrome Enterprise",
        {"Google-Chrome-Device-Management": "Chrome Enterprise Upgrade"},
    ),
    "101040": ("Chrome Enterprise Premium", {"1010400001": "Chrome Enterprise Premium"}),
    "101047": ("Gemini", {"1010470001": "Gemini Enterprise"}),
    "101043": ("Additional Storage", {"1010430001": "Additional Storage"}),
    "Google-Drive-storage": (
        "Google Drive storage",
        {
            "Google-Drive-storage-20GB": "Google Drive storage 20 GB",
            "Google-Drive-storage-50GB": "Google Drive storage 50 GB",
            "Google-Drive-storage-200GB": "Google Drive storage 200 GB",
            "Google-Drive-storage-1TB": "Google Drive storage 1 TB",
        },
    ),
}

# What costs nothing: only the plan FREE, which nothing else has (B5).
FREE_SKUS = frozenset({"1010010001"})


def rank_of(sku: Sku) -> int:
    """Return the place of a SKU among those of its product, from the least to the most; behind them what we added."""
    _name, skus = PRODUCTS.get(sku.product_id, ("", {}))
    return list(skus).index(sku.pk) if sku.pk in skus else len(skus)


def load_catalogue(product_model: type[Product] | None = None, sku_model: type[Sku] | None = None) -> None:
    """Write the catalogue, or bring it up to date; repeating it changes nothing.

    product_model, sku_model: the historical models of a migration; by default the ones of today.
    """
    if product_model is None or sku_model is None:
        from subscriptions.models import Product, Sku  # noqa: PLC0415  the migration passes its own

        product_model, sku_model = Product, Sku
    for product_id, (name, skus) in PRODUCTS.items():
        product_model._default_manager.update_or_create(id=product_id, defaults={"name": name})
        for sku_id, sku_name in skus.items():
            sku_model._default_manager.update_or_create(
                id=sku_id, defaults={"name": sku_name, "product_id": product_id}
            )
