from __future__ import annotations

from subscriptions.models.catalogue import Product, Sku
from subscriptions.models.change import AccessChange
from subscriptions.models.grant import AccessGrant
from subscriptions.models.licence import AutoLicence, Licence
from subscriptions.models.order import Order, PaymentAccount, Transfer, TransferToken
from subscriptions.models.policy import AccessPolicy
from subscriptions.models.request import AccessRequest
from subscriptions.models.restore import Restore
from subscriptions.models.subscription import Subscription

__all__ = [
    "AccessChange",
    "AccessGrant",
    "AccessPolicy",
    "AccessRequest",
    "AutoLicence",
    "Licence",
    "Order",
    "PaymentAccount",
    "Product",
    "Restore",
    "Sku",
    "Subscription",
    "Transfer",
    "TransferToken",
]
