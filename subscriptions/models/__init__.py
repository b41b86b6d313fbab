from __future__ import annotations

from subscriptions.models.catalogue import Product, Sku
from subscriptions.models.change import AccessChange
from subscriptions.models.customer_group import CustomerGroup, GroupedCustomer
from subscriptions.models.finding import FindingSnooze
from subscriptions.models.grant import AccessGrant
from subscriptions.models.licence import AutoLicence, Licence
from subscriptions.models.notified import NotifiedAccount
from subscriptions.models.order import Order, PaymentAccount, Transfer, TransferToken
from subscriptions.models.policy import AccessPolicy
from subscriptions.models.request import AccessRequest
from subscriptions.models.restore import Restore
from subscriptions.models.review import Review, ReviewLine, ReviewSchedule
from subscriptions.models.subscription import Subscription
from subscriptions.models.timing import AccessTiming

__all__ = [
    "AccessChange",
    "AccessGrant",
    "AccessPolicy",
    "AccessRequest",
    "AccessTiming",
    "AutoLicence",
    "CustomerGroup",
    "FindingSnooze",
    "GroupedCustomer",
    "Licence",
    "NotifiedAccount",
    "Order",
    "PaymentAccount",
    "Product",
    "Restore",
    "Review",
    "ReviewLine",
    "ReviewSchedule",
    "Sku",
    "Subscription",
    "Transfer",
    "TransferToken",
]
