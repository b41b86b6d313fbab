"""What the verbs of a customer's directory and devices have in common: how each of them begins."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.authorisation import authorise
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer
from accounts.names import readable
from accounts.permissions import Permission

DESCRIPTION_MAX_LENGTH = 300


def lock_directory(actor: Actor | None, permission: Permission, customer: Customer | int) -> Customer:
    """Lock a customer and ask whether the actor may change this in its console, at this instant (P8, R11).

    One change of a directory after the other: anyone who looks for a circle, or for what is still inside, looks alone.
    Raises PermissionDenied.
    """
    locked = lock_customer(customer)
    if actor is not None:
        authorise(actor, permission, locked)
    return locked


def clean_line(text: str, field: str, max_length: int) -> str:
    """Return one line of text as a person can read it (P10); it may be empty. Raises Refused for one too long."""
    text = readable(text)
    if len(text) > max_length:
        raise Refused(_("Use at most %(number)s characters.") % {"number": max_length}, field)
    return text


def clean_description(text: str) -> str:
    """Return the description of a unit or a group. Raises Refused."""
    return clean_line(text, "description", DESCRIPTION_MAX_LENGTH)
