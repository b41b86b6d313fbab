from __future__ import annotations

from subscriptions.models.catalogue import Product, Sku
from subscriptions.models.change import AccessChange
from subscriptions.models.grant import AccessGrant
from subscriptions.models.subscription import Subscription

__all__ = ["AccessChange", "AccessGrant", "Product", "Sku", "Subscription"]
