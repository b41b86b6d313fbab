"""Transfer tokens of customers, as programs show them (B1, R14)."""

from __future__ import annotations

from accounts.models import Reseller
from accounts.rate_limits import Limit
from api.core.call import Call
from api.core.errors import ApiError
from api.reseller.limits import counted, require_room
from api.reseller.places import customer_with
from subscriptions.models import TransferToken
from subscriptions.transfer_scope import find_token
from subscriptions.transfers import UNKNOWN_TOKEN


def open_token(call: Call, reseller: Reseller, key: str, code: str) -> TransferToken:
    """Return a token that this reseller could use now. key: the customer's id or domain.

    Wrong ones are counted as on the page, and whatever is wrong the answer is the same: nobody learns which domains
    are customers. Raises 404, and 429 where a person has tried too many.
    """
    require_room(call, Limit.UNKNOWN_TRANSFER_TOKEN)
    customer = customer_with(key)
    token = find_token(reseller, customer.primary_domain, code) if customer else None
    if token is None:
        raise counted(call, Limit.UNKNOWN_TRANSFER_TOKEN, unknown())
    return token


def unknown() -> ApiError:
    return ApiError(404, "notFound", str(UNKNOWN_TOKEN), "customerAuthToken")
