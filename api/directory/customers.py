"""directory.customers: what a customer is called and how it is reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from accounts.domain_holders import rows_of
from accounts.models import Customer
from accounts.own_domains.primary import change_primary_domain
from accounts.permissions import Permission
from accounts.postal import postal_parts
from accounts.profile import change_profile
from api.core.call import Call
from api.core.errors import Invalid
from api.core.methods import serves
from api.directory.user_resources import moment_of
from api.door.consoles import console

# By the API's names, the columns.
_POSTAL: Final[Mapping[str, str]] = {
    "contactName": "contact_name",
    "organizationName": "name",
    "addressLine1": "address_line1",
    "addressLine2": "address_line2",
    "addressLine3": "address_line3",
    "locality": "locality",
    "region": "region",
    "postalCode": "postal_code",
    "countryCode": "country_code",
}
_REACHED: Final[Mapping[str, str]] = {"alternateEmail": "alternate_email", "phoneNumber": "phone_number"}


@serves("directory.customers.get")
def get(call: Call) -> dict[str, Any]:
    """Show a customer, by `my_customer`, its id or one of its domains."""
    return shown(console(call, call.params["customerKey"], Permission.VIEW_ACCOUNT))


@serves("directory.customers.patch", "directory.customers.update")
def change(call: Call) -> dict[str, Any]:
    """Change what is sent of a customer; what is not sent stays."""
    customer = console(call, call.params["customerKey"], Permission.MANAGE_PROFILE)
    body = call.body
    if "language" in body:
        raise Invalid("language")
    said = {column: body[name] for name, column in _REACHED.items() if name in body}
    said |= {
        column: body["postalAddress"][name] for name, column in _POSTAL.items() if name in body.get("postalAddress", {})
    }
    change_profile(actor=call.actor, customer=customer, said=said)
    domain = body.get("customerDomain", "").lower()
    if domain and domain != customer.primary_domain:
        row = rows_of(customer).filter(name=domain).first()
        if row is None:
            raise Invalid("customerDomain")
        change_primary_domain(actor=call.actor, domain=row)
    return shown(Customer.objects.get(pk=customer.pk))


def shown(customer: Customer) -> dict[str, Any]:
    """Return a customer as the API names the fields."""
    parts = {**postal_parts(customer), "name": customer.name, "contact_name": customer.contact_name}
    resource = {
        "kind": "admin#directory#customer",
        "id": customer.customer_id,
        "customerDomain": customer.primary_domain,
        "customerCreationTime": moment_of(customer.created_at),
        "postalAddress": {name: parts[column] for name, column in _POSTAL.items() if parts[column]},
    }
    reached = {name: getattr(customer, column) for name, column in _REACHED.items()}
    return resource | {name: text for name, text in reached.items() if text}
