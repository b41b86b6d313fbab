"""resellerAccess.requests: a reseller asks, and takes it back; a customer rejects. Approving is proposed (R17, X1)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from accounts.models import Customer
from accounts.permissions import Permission
from api.access import shown
from api.access.places import is_reseller, number, one, own_customer, relation
from api.core.call import Call
from api.core.errors import Forbidden, Invalid
from api.core.methods import serves
from subscriptions.access import answering, asking
from subscriptions.access.requests import requests_in, requests_to
from subscriptions.models import AccessRequest


def _scope(call: Call) -> QuerySet[AccessRequest]:
    if is_reseller(call):
        return requests_in(relation(call))
    return requests_to(own_customer(call, Permission.VIEW_RESELLER_ACCESS))


@serves("resellerAccess.requests.list")
def list_(call: Call) -> dict[str, Any]:
    """List the requests, the newest first: a reseller its own."""
    of_reseller = is_reseller(call)
    return shown.listed(call, _scope(call), "requests", lambda request: _shown(request, of_reseller))


@serves("resellerAccess.requests.get")
def get(call: Call) -> dict[str, Any]:
    """Return one request."""
    return _shown(one(_scope(call), call), is_reseller(call))


@serves("resellerAccess.requests.create")
def create(call: Call) -> dict[str, Any]:
    """Ask for access, as a reseller."""
    customer = _asked(call)
    body = call.body
    if not body.get("reason"):
        raise Invalid("reason")
    extent, skus = shown.extent_of({**body, "standing": "ALL"}), body.get("skus", [])
    made = asking.ask(actor=call.actor, customer=customer, extent=extent, skus=skus, reason=body["reason"])
    return _shown(requests_to(customer).get(pk=made.pk), of_reseller=True)


@serves("resellerAccess.requests.withdraw")
def withdraw(call: Call) -> dict[str, Any]:
    """Take a request back, as a reseller."""
    customer = _asked(call)
    made = asking.withdraw(actor=call.actor, customer=customer, request_id=number(call))
    return _shown(requests_to(customer).get(pk=made.pk), of_reseller=True)


@serves("resellerAccess.requests.reject")
def reject(call: Call) -> dict[str, Any]:
    """Reject a request, as the customer: that takes nothing and gives nothing."""
    customer = own_customer(call, Permission.CHANGE_RESELLER_ACCESS)
    reason = call.body.get("reason", "")
    done = answering.reject(actor=call.actor, customer=customer, request_id=number(call), reason=reason)
    return _shown(requests_to(customer).get(pk=done.pk), of_reseller=False)


def _asked(call: Call) -> Customer:
    if not is_reseller(call):
        own_customer(call, Permission.VIEW_CONSOLE)
        raise Forbidden("Resellers ask for access.")
    return relation(call).customer


def _shown(request: AccessRequest, of_reseller: bool) -> dict[str, Any]:
    """Show a request; a reseller does not read who answered it, and neither is that a field (R17)."""
    return shown.without_nothing(
        kind="resellerAccess#request",
        id=str(request.pk),
        customer=shown.shown_customer(request.customer),
        reseller=shown.shown_reseller(request.reseller),
        level=request.level.upper(),
        durationHours=shown.hours(request.lasts),
        skus=[sku.pk for sku in request.skus.all()],
        reason=request.reason,
        askedBy=request.asked_by_email,
        askTime=shown.moment(request.asked_at),
        expireTime=shown.moment(request.expires_at),
        status=str(request.status_now),
        answerTime=shown.moment(request.answered_at),
        answer=request.answer,
        givenLevel=request.given_level.upper(),
    )
