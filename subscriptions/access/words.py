"""What a change of access means, in sentences an admin reads before and after saving."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

CONSOLE_GIVEN = _("{reseller} will be able to open your admin console and file support cases for you.")
CONSOLE_TAKEN = _("{reseller} will lose access to your admin console and can no longer file support cases for you.")
SUBSCRIPTION_GIVEN = _("{reseller} will see {subscription} in your console and can assign its licences.")
SUBSCRIPTION_TAKEN = _("{reseller} will no longer see {subscription} in your console.")


def consequence(reseller: str, subscription: str | None, *, allowed: bool) -> Promise:
    """Say what one saved box means for the reseller.

    reseller, subscription: their names; no subscription: it is about the console.
    """
    if subscription is None:
        return format_lazy(CONSOLE_GIVEN if allowed else CONSOLE_TAKEN, reseller=reseller)
    sentence = SUBSCRIPTION_GIVEN if allowed else SUBSCRIPTION_TAKEN
    return format_lazy(sentence, reseller=reseller, subscription=subscription)
