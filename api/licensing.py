"""Licensing v1: licences by product and SKU (B4, R3). All of it is in a customer's console, and enters it (X4).

A SKU has one subscription for each seller here. Which one is meant: of those in the person's scope the first active
one, in the order in which they were bought, that has a free seat.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any, Final

from django.conf import settings
from django.db.models import QuerySet

from accounts.authorisation import permissions_on
from accounts.models import User
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import ApiError, ConditionNotMet, Invalid, NotFound
from api.core.methods import serves
from api.core.paging import page
from api.door.consoles import console, console_of_user
from subscriptions.access.scope import subscriptions_in_console
from subscriptions.licence_scope import licences_in_console
from subscriptions.licensing import assign_licences, revoke_licences
from subscriptions.models import Licence, Product, Sku, Subscription
from subscriptions.models.subscription import Status
from subscriptions.seats import left, with_use

# The errors of the reference: https://developers.google.com/workspace/admin/licensing/v1/how-tos/using#errors
_ASSIGNED: Final = "User already has a license for the specified product and SKU"
_NONE_FREE: Final = "There aren't enough available licenses for the specified product-SKU pair"


@serves("licensing.licenseAssignments.get")
def get(call: Call) -> dict[str, Any]:
    return shown(_held(call, _person(call, call.params["userId"], Permission.VIEW_LICENCES)))


@serves("licensing.licenseAssignments.insert")
def insert(call: Call) -> dict[str, Any]:
    """Assign a licence; 412 where the person has one of the product already, or no seat is free."""
    if not call.body.get("userId", ""):
        raise ApiError(400, "required", "Required: userId", "userId")
    person, sku = _person(call, call.body["userId"], Permission.ASSIGN_LICENCES), _sku(call)
    if Licence.objects.filter(user=person, product=sku.product_id, revoked_at=None).exists():
        raise ConditionNotMet(_ASSIGNED)
    _assign(call, person, sku)
    return shown(_licences(call, person, sku).get())


@serves("licensing.licenseAssignments.patch", "licensing.licenseAssignments.update")
def change(call: Call) -> dict[str, Any]:
    """Switch a person from one SKU of a product to another."""
    person = _person(call, call.params["userId"], Permission.ASSIGN_LICENCES)
    held = _held(call, person)
    if call.body.get("productId", held.product_id) != held.product_id:
        raise Invalid("productId", "A person changes to another SKU of the same product.")
    sku = Sku.objects.filter(pk=call.body.get("skuId", call.params["skuId"]), product=held.product_id).first()
    if sku is None:
        raise Invalid("skuId")
    if sku != held.subscription.sku:
        _assign(call, person, sku, switch=True)
    return shown(_licences(call, person, sku).get())


@serves("licensing.licenseAssignments.delete")
def delete(call: Call) -> dict[str, Any]:
    """Revoke a licence. Where it is assigned by itself, it comes back, as the original's does."""
    person = _person(call, call.params["userId"], Permission.ASSIGN_LICENCES)
    held = _held(call, person)
    itself = User.objects.filter(pk=person.pk)
    revoke_licences(actor=call.actor, subscription=held.subscription, people=itself)
    return {}


@serves("licensing.licenseAssignments.listForProduct", "licensing.licenseAssignments.listForProductAndSku")
def list_licences(call: Call) -> dict[str, Any]:
    """Return who has a licence, by address."""
    if not call.params.get("customerId", ""):
        raise ApiError(400, "required", "Required: customerId", "customerId")
    if not Product.objects.filter(pk=call.params["productId"]).exists():
        raise Invalid("productId")
    customer = console(call, call.params["customerId"], Permission.VIEW_LICENCES)
    person = call.actor.user
    found = licences_in_console(person, customer, permissions_on(person, customer))
    found = found.filter(product=call.params["productId"])
    if "skuId" in call.params:
        found = found.filter(subscription__sku=_sku(call))
    found = found.select_related("user", "subscription__sku__product")
    rows, token = page(call, found, keys=("user__email", "id"), size=call.params["maxResults"])
    answer = {"kind": "licensing#licenseAssignmentList", "items": [shown(row) for row in rows]}
    return answer | ({"nextPageToken": token} if token else {})


def shown(licence: Licence) -> dict[str, Any]:
    """Return a licence as the document names its parts."""
    sku, email = licence.subscription.sku, licence.user.email
    path = f"/apps/licensing/v1/product/{sku.product_id}/sku/{sku.pk}/user/{email}"
    state = f"{licence.pk} {licence.assigned_at.isoformat()} {email}"
    return {
        "kind": "licensing#licenseAssignment",
        "etags": f'"{hashlib.sha256(state.encode()).hexdigest()[:32]}"',
        "selfLink": settings.CONSOLE_URL.rstrip("/") + path,
        "userId": email,
        "productId": sku.product_id,
        "productName": sku.product.name,
        "skuId": sku.pk,
        "skuName": sku.name,
    }


def _person(call: Call, key: str, permission: Permission) -> User:
    return console_of_user(call, key, permission, what="userId")


def _sku(call: Call) -> Sku:
    """Return the SKU that a call names, of the product that it names. Raises Invalid."""
    found = Sku.objects.filter(pk=call.params["skuId"]).first()
    if found is None or found.product_id != call.params["productId"]:
        raise Invalid("productId" if found else "skuId")
    return found


def _scope(call: Call, person: User) -> QuerySet[Subscription]:
    """Return the subscriptions of a person's customer that the caller sees in its console."""
    assert person.customer is not None
    return subscriptions_in_console(call.actor.user, person.customer)


def _licences(call: Call, person: User, sku: Sku) -> QuerySet[Licence]:
    held = Licence.objects.filter(user=person, revoked_at=None, subscription__sku=sku)
    return held.filter(subscription__in=_scope(call, person)).select_related("user", "subscription__sku__product")


def _held(call: Call, person: User) -> Licence:
    """Return the licence that a call names. Raises NotFound."""
    found = _licences(call, person, _sku(call)).first()
    if found is None:
        raise NotFound("userId")
    return found


def _assign(call: Call, person: User, sku: Sku, *, switch: bool = False) -> None:
    scope = with_use(_scope(call, person).filter(sku=sku)).order_by("pk")
    candidates: Collection[Any] = list(scope.filter(status=Status.ACTIVE))
    if not candidates:
        raise NotFound("skuId")
    subscription = next((one for one in candidates if left(one, one.used) != 0), None)
    if subscription is None:
        raise ConditionNotMet(_NONE_FREE)
    itself = User.objects.filter(pk=person.pk)
    assign_licences(actor=call.actor, subscription=subscription, people=itself, switch=switch)
