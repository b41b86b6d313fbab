"""Customers and subscriptions as the document of the API names their parts. Moments are milliseconds, as text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from django.conf import settings
from django.urls import reverse

from accounts.domain_holders import own_domains
from accounts.models import Customer
from accounts.postal import postal_parts
from subscriptions.lifecycle.terms import COMMITMENT_MONTHS, months_later
from subscriptions.models import Subscription
from subscriptions.models.subscription import COMMITMENT_PLANS, Plan
from subscriptions.seats import in_use

# What the original says of a plan, where that is not its name here.
_SAYS: Final[Mapping[str, str]] = MappingProxyType({Plan.ANNUAL_MONTHLY_PAY: "ANNUAL"})
# The parts of an address, by what the API calls them.
ADDRESS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "addressLine1": "address_line1",
        "addressLine2": "address_line2",
        "addressLine3": "address_line3",
        "locality": "locality",
        "region": "region",
        "postalCode": "postal_code",
        "countryCode": "country_code",
    }
)


def milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))


def page_of(name: str, customer: Customer) -> str:
    """Return the URL of a page of a customer's console."""
    return settings.CONSOLE_URL.rstrip("/") + reverse(name, kwargs={"domain": customer.primary_domain})


def minimal_customer(customer: Customer) -> dict[str, Any]:
    """Return what a reseller learns of a customer that it does not serve: that it is there."""
    return {
        "kind": "reseller#customer",
        "customerId": customer.customer_id,
        "customerDomain": customer.primary_domain,
        "customerType": "domain",
        "resourceUiUrl": page_of("console_home", customer),
    }


def shown_customer(customer: Customer) -> dict[str, Any]:
    """Return a customer as its reseller sees it."""
    parts = postal_parts(customer)
    address = {
        "kind": "customers#address",
        "organizationName": customer.name,
        "contactName": customer.contact_name,
        **{name: parts[column] for name, column in ADDRESS.items()},
    }
    shown = minimal_customer(customer) | {
        "customerDomainVerified": customer.primary_domain in own_domains(customer).verified,
        "alternateEmail": customer.alternate_email,
        "phoneNumber": customer.phone_number,
        "postalAddress": {name: text for name, text in address.items() if text},
    }
    return {name: value for name, value in shown.items() if value != ""}


def shown_subscription(subscription: Subscription) -> dict[str, Any]:
    """Return a subscription as its seller sees it. It may carry `used`: how many of its licences are assigned."""
    notes = {"purchaseOrderId": subscription.purchase_order_id, "dealCode": subscription.deal_code}
    shown = _sold(subscription) | {
        "creationTime": milliseconds(subscription.ordered_at),
        "billingMethod": "ONLINE",
        "trialSettings": _trial(subscription),
        "status": subscription.status,
        **{name: text for name, text in notes.items() if text},
    }
    if subscription.suspension_reasons:
        shown["suspensionReasons"] = list(subscription.suspension_reasons)
    if subscription.renewal_type:
        shown["renewalSettings"] = {"kind": "subscriptions#renewalSettings", "renewalType": subscription.renewal_type}
    return shown


def transferable_subscription(subscription: Subscription, least: int | None, until: datetime) -> dict[str, Any]:
    """Return a subscription of another seller that a token lets come over. least: seats that it comes with at least."""
    info: dict[str, Any] = {"transferabilityExpirationTime": milliseconds(until)}
    if least is not None:
        info["minimumTransferableSeats"] = least
    return _sold(subscription) | {
        "trialSettings": _trial(subscription),
        "status": subscription.status,
        "transferInfo": info,
    }


def _sold(subscription: Subscription) -> dict[str, Any]:
    customer = subscription.customer
    return {
        "kind": "reseller#subscription",
        "customerId": customer.customer_id,
        "customerDomain": customer.primary_domain,
        "subscriptionId": subscription.public_id,
        "skuId": subscription.sku_id,
        "skuName": subscription.sku.name,
        "plan": _plan(subscription),
        "seats": _seats(subscription),
        "resourceUiUrl": page_of("subscriptions", customer),
    }


def _plan(subscription: Subscription) -> dict[str, Any]:
    """Return the plan; of a trial the one that was chosen for the time after it, where one was."""
    plan = subscription.plan_after_trial if subscription.plan == Plan.TRIAL else None
    plan = plan or subscription.plan
    shown: dict[str, Any] = {"planName": _SAYS.get(plan, plan), "isCommitmentPlan": plan in COMMITMENT_PLANS}
    if subscription.plan in COMMITMENT_PLANS and subscription.ends_at is not None:
        shown["commitmentInterval"] = {
            "startTime": milliseconds(months_later(subscription.ends_at, -COMMITMENT_MONTHS)),
            "endTime": milliseconds(subscription.ends_at),
        }
    return shown


def _seats(subscription: Subscription) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": "subscriptions#seats"}
    if subscription.number_of_seats is not None:
        shown["numberOfSeats"] = subscription.number_of_seats
    if subscription.maximum_number_of_seats is not None:
        shown["maximumNumberOfSeats"] = subscription.maximum_number_of_seats
    if subscription.seats_after_trial is not None and subscription.plan_after_trial in COMMITMENT_PLANS:
        shown["numberOfSeats"] = subscription.seats_after_trial
    used = getattr(subscription, "used", None)
    return shown | {"licensedNumberOfSeats": in_use(subscription) if used is None else used}


def _trial(subscription: Subscription) -> dict[str, Any]:
    is_trial = subscription.plan == Plan.TRIAL
    if not is_trial or subscription.ends_at is None:
        return {"isInTrial": is_trial}
    return {"isInTrial": True, "trialEndTime": milliseconds(subscription.ends_at)}
