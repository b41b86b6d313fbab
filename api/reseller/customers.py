"""reseller.customers: whose existence is told, registering, and how a customer is reached (P4, P7)."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from accounts.authorisation import authorise_reseller
from accounts.errors import Refused
from accounts.founding import clean_phone_number, report_domain_in_use
from accounts.models import Customer
from accounts.organisations import DomainInUse
from accounts.rate_limits import Limit
from accounts.roles import ALL_CUSTOMERS_ROLES
from api.core.call import Call
from api.core.errors import ApiError, DuplicateEntity, Forbidden, Invalid, NotFound
from api.core.methods import serves
from api.reseller.limits import count, counted, require_room
from api.reseller.places import customer_with, relation, relation_to, reseller_of
from api.reseller.shown import ADDRESS, minimal_customer, shown_customer
from api.reseller.tokens import open_token
from subscriptions.lifecycle.customers import change_customer
from subscriptions.lifecycle.registering import register_customer

# What the reference wants of a new customer:
# https://developers.google.com/workspace/admin/reseller/v1/reference/customers
_REQUIRED: Final = ("customerDomain", "alternateEmail")
_REQUIRED_IN_ADDRESS: Final = ("contactName", "organizationName", "postalCode", "countryCode")


@serves("reseller.customers.get")
def get(call: Call) -> dict[str, Any]:
    """Return a customer of one's own; of another's that it is there; 404 for a domain that is free.

    What is none of theirs is told to a person as rarely as the page tells it, also an agent who works elsewhere.
    """
    key = call.params["customerId"]
    found = relation_to(call, key)
    if found is not None:
        return shown_customer(found.customer)
    require_room(call, Limit.TAKEN_DOMAIN)
    customer = customer_with(key)
    if customer is None:
        raise NotFound("customerId")
    count(call, Limit.TAKEN_DOMAIN)
    return minimal_customer(customer)


@serves("reseller.customers.insert")
def insert(call: Call) -> dict[str, Any]:
    """Register a customer without people and without an order; with a token: look up one that is to come over."""
    authorise_reseller(call.actor, ALL_CUSTOMERS_ROLES)
    if token := call.params.get("customerAuthToken", ""):
        return minimal_customer(
            open_token(call, reseller_of(call), call.body.get("customerDomain", ""), token).customer
        )
    _require_parts(call.body)
    require_room(call, Limit.TAKEN_DOMAIN)
    said = _said(call.body)
    try:
        with transaction.atomic():
            customer = register_customer(
                actor=call.actor, name=said.pop("name"), primary_domain=call.body["customerDomain"], said=said
            )
    except DomainInUse as refused:
        raise _taken(call, refused) from refused
    return shown_customer(customer)


def _taken(call: Call, refused: DomainInUse) -> ApiError:
    """Return what is said of a domain that is in use; the vendor's operators are told, who decide (P9)."""
    actor, domain = call.actor, refused.domain
    error = DuplicateEntity(refused.message)
    return counted(call, Limit.TAKEN_DOMAIN, error, lambda: report_domain_in_use(actor=actor, domain=domain))


@serves("reseller.customers.patch", "reseller.customers.update")
def change(call: Call) -> dict[str, Any]:
    """Change how a customer is reached. Its name, domain and id are its own: who sends others is refused."""
    customer = relation(call).customer
    _require_its_own(customer, call.body)
    said = _said(call.body)
    said.pop("name", None)
    if call.method.endswith(".update"):
        # PUT: what is not sent is empty afterwards.
        empty = ("alternate_email", "phone_number", "contact_name", *ADDRESS.values())
        said = dict.fromkeys(empty, "") | said
    change_customer(actor=call.actor, customer=customer, said=said)
    return shown_customer(relation(call).customer)


def _require_its_own(customer: Customer, body: dict[str, Any]) -> None:
    wanted_name = body.get("postalAddress", {}).get("organizationName", customer.name)
    if body.get("customerType", "domain") != "domain":
        raise Invalid("customerType")
    if body.get("customerDomain", customer.primary_domain) != customer.primary_domain:
        raise Forbidden("The customer changes its primary domain itself.")
    if wanted_name != customer.name:
        raise Forbidden("The customer changes its name itself.")


def _require_parts(body: dict[str, Any]) -> None:
    if body.get("customerType", "domain") != "domain":
        raise Invalid("customerType", "Only customers with a domain are served here.")
    address = body.get("postalAddress", {})
    for names, sent in ((_REQUIRED, body), (_REQUIRED_IN_ADDRESS, address)):
        for name in names:
            if not str(sent.get(name, "")).strip():
                raise ApiError(400, "required", f"Required: {name}", name)
    if body["alternateEmail"].rpartition("@")[2].lower() == body["customerDomain"].lower():
        raise Invalid("alternateEmail", "Invalid Input: alternateEmail is at another domain than customerDomain.")


def _said(body: dict[str, Any]) -> dict[str, str]:
    """Return what a customer resource says, by our columns; only what was sent."""
    address = body.get("postalAddress", {})
    said = {column: address[name] for name, column in ADDRESS.items() if name in address}
    if "contactName" in address:
        said["contact_name"] = address["contactName"]
    if "organizationName" in address:
        said["name"] = address["organizationName"]
    if "alternateEmail" in body:
        said["alternate_email"] = body["alternateEmail"]
    if "phoneNumber" in body and _is_phone(body["phoneNumber"]):
        said["phone_number"] = body["phoneNumber"]
    return said


def _is_phone(text: str) -> bool:
    """Tell whether a telephone number can be kept: the reference ignores others silently."""
    try:
        clean_phone_number(text)
    except Refused:
        return False
    return True
