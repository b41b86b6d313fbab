"""The profile of a customer: what it is called and how it is reached. Its own super admins keep it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.directory.change import clean_line, lock_directory
from accounts.domains import canonical_email
from accounts.errors import Refused
from accounts.founding import clean_phone_number, clean_postal_address
from accounts.models import Customer
from accounts.organisations import NAME_MAX_LENGTH, clean_name, stored_sort_key
from accounts.permissions import Permission
from accounts.postal import PARTS, clean_part, postal_parts, text_of


def clean_alternate_email(text: str) -> str:
    """Return an address at which a customer is reached; it may be empty. Raises Refused."""
    if not text.strip():
        return ""
    try:
        return canonical_email(text)
    except ValidationError as error:
        raise Refused.because(error, "alternate_email") from error


_CLEANED: Final[Mapping[str, Callable[[str], str]]] = {
    "name": clean_name,
    "phone_number": clean_phone_number,
    "alternate_email": clean_alternate_email,
    "contact_name": lambda text: clean_line(text, "contact_name", NAME_MAX_LENGTH),
}


@transaction.atomic
def change_profile(*, actor: Actor | None, customer: Customer, said: Mapping[str, str]) -> Customer:
    """Change what a customer is called and how it is reached.

    said: what changes, by the columns: `name`, `phone_number`, `alternate_email`, `contact_name`, and the parts of the
    postal address (accounts/postal.py). Its domains are other verbs (accounts/own_domains/). Raises Refused.
    """
    customer = lock_directory(actor, Permission.MANAGE_PROFILE, customer)
    write_reached(actor, customer, said)
    return customer


def write_reached(actor: Actor | None, customer: Customer, said: Mapping[str, str]) -> None:
    """Write what differs, and the event; for verbs that have locked the customer and asked who may. Raises Refused."""
    wanted = {name: _CLEANED[name](text) for name, text in said.items() if name in _CLEANED}
    parts = postal_parts(customer)
    if named := {name: clean_part(name, text) for name, text in said.items() if name in PARTS}:
        parts |= named
        wanted |= parts | {"postal_address": clean_postal_address(text_of(parts))}
    new = {name: value for name, value in wanted.items() if value != getattr(customer, name)}
    if not new:
        return
    old = {name: getattr(customer, name) for name in new}
    for name, value in new.items():
        setattr(customer, name, value)
    customer.sort_name = stored_sort_key(customer.name)
    customer.save(update_fields=[*new, "sort_name"])
    told = [name for name in new if name not in PARTS]
    record_audit(
        EventName.CHANGE_CUSTOMER,
        actor=actor,
        customer=customer,
        subject=customer.name,
        target=customer,
        old={name: old[name] for name in told},
        new={name: new[name] for name in told},
    )
