"""reseller.resellernotify: which service accounts are notified.

Nothing is published to Pub/Sub. Where one is registered, the reseller's webhooks that hear of subscriptions get what a
push subscription to the topic would (subscriptions/notifying.py). A topic is named only where there is such a webhook.
"""

from __future__ import annotations

from typing import Any

from accounts.authorisation import authorise_reseller
from accounts.models import Reseller
from accounts.roles import Role
from api.core.call import Call
from api.core.errors import ApiError
from api.core.methods import serves
from subscriptions.notified import notified_accounts, register_account, unregister_account
from subscriptions.notifying import notified_webhooks, topic_of


@serves("reseller.resellernotify.getwatchdetails")
def get_watch_details(call: Call) -> dict[str, Any]:
    reseller = _reseller(call)
    emails = list(notified_accounts(reseller).values_list("email", flat=True))
    return {"serviceAccountEmailAddresses": emails} | _topic(reseller)


@serves("reseller.resellernotify.register")
def register(call: Call) -> dict[str, Any]:
    reseller = _reseller(call)
    register_account(actor=call.actor, reseller=reseller, email=_email(call))
    return _topic(reseller)


@serves("reseller.resellernotify.unregister")
def unregister(call: Call) -> dict[str, Any]:
    reseller = _reseller(call)
    unregister_account(actor=call.actor, reseller=reseller, email=_email(call))
    return _topic(reseller)


def _topic(reseller: Reseller) -> dict[str, Any]:
    """Return the topic; nothing where no webhook could be told."""
    return {"topicName": topic_of(reseller)} if notified_webhooks(reseller).exists() else {}


def _reseller(call: Call) -> Reseller:
    return authorise_reseller(call.actor, (Role.RESELLER_ADMIN,))


def _email(call: Call) -> str:
    name = "serviceAccountEmailAddress"
    if not call.params.get(name, ""):
        raise ApiError(400, "required", f"Required: {name}", name)
    return str(call.params[name])
