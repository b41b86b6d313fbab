"""reseller.resellernotify: which service accounts are notified. What happens is delivered to webhooks (X6)."""

from __future__ import annotations

from typing import Any

from accounts.authorisation import authorise_reseller
from accounts.models import Reseller
from accounts.roles import Role
from api.core.call import Call
from api.core.errors import ApiError
from api.core.methods import serves
from subscriptions.notified import notified_accounts, register_account, unregister_account


def topic_of(reseller: Reseller) -> str:
    """Return what the original calls the topic that notifications are published to. Nothing is published there."""
    return f"projects/reseller-console/topics/{reseller.public_id}"


@serves("reseller.resellernotify.getwatchdetails")
def get_watch_details(call: Call) -> dict[str, Any]:
    reseller = _reseller(call)
    emails = list(notified_accounts(reseller).values_list("email", flat=True))
    return {"serviceAccountEmailAddresses": emails, "topicName": topic_of(reseller)}


@serves("reseller.resellernotify.register")
def register(call: Call) -> dict[str, Any]:
    reseller = _reseller(call)
    register_account(actor=call.actor, reseller=reseller, email=_email(call))
    return {"topicName": topic_of(reseller)}


@serves("reseller.resellernotify.unregister")
def unregister(call: Call) -> dict[str, Any]:
    reseller = _reseller(call)
    unregister_account(actor=call.actor, reseller=reseller, email=_email(call))
    return {"topicName": topic_of(reseller)}


def _reseller(call: Call) -> Reseller:
    return authorise_reseller(call.actor, (Role.RESELLER_ADMIN,))


def _email(call: Call) -> str:
    name = "serviceAccountEmailAddress"
    if not call.params.get(name, ""):
        raise ApiError(400, "required", f"Required: {name}", name)
    return str(call.params[name])
