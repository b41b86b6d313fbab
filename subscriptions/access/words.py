"""What a change of access means, in sentences an admin reads before and after saving."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from subscriptions.models.grant import Basis

CONSOLE_GIVEN = _("{reseller} will be able to open your admin console and file support cases for you.")
CONSOLE_TAKEN = _("{reseller} will lose access to your admin console and can no longer file support cases for you.")
CONTRACT_GIVEN = _("{reseller} will be able to open your admin console, except subscriptions and licences.")
CONTRACT_TAKEN = _("{reseller} will lose access to your admin console. Its support contracts and their cases go on.")
BOTH_TAKEN = _(
    "{reseller} will lose access to your admin console. It files and reads support cases on its support contracts only."
)
SUBSCRIPTION_GIVEN = _("{reseller} will see {subscription} in your console and can assign its licences.")
SUBSCRIPTION_TAKEN = _("{reseller} will no longer see {subscription} in your console.")


_CONSOLE = {
    Basis.RELATION: (CONSOLE_GIVEN, CONSOLE_TAKEN),
    Basis.CONTRACT: (CONTRACT_GIVEN, CONTRACT_TAKEN),
    Basis.BOTH: (CONSOLE_GIVEN, BOTH_TAKEN),
}


def consequence(reseller: str, subscription: str | None, *, allowed: bool, basis: str = Basis.RELATION) -> Promise:
    """Say what one saved box means for the reseller.

    reseller, subscription: their names; no subscription: it is about the console.
    basis: what the console stands on: cases of a support contract go on without it (R19).
    """
    if subscription is None:
        given, taken = _CONSOLE[Basis(basis)]
        return format_lazy(given if allowed else taken, reseller=reseller)
    sentence = SUBSCRIPTION_GIVEN if allowed else SUBSCRIPTION_TAKEN
    return format_lazy(sentence, reseller=reseller, subscription=subscription)
