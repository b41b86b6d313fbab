"""What a guard adds to a request, so that a view finds it there with its type."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.models import Customer, Reseller, User
from accounts.permissions import Permission


class SignedInRequest(HttpRequest):
    """A request of a person who has signed in.

    shows_unsaved: it shows again what was sent when the session had ended, and saves nothing (web/unsaved.py).
    """

    user: User
    htmx: HtmxDetails
    shows_unsaved: bool
    # The URL of the page in the menu that this one belongs to; set where its own URL lies elsewhere.
    stands_under: str


class ConsoleRequest(SignedInRequest):
    """A request to a page of one customer's console."""

    customer: Customer
    permissions: frozenset[Permission]
    # The agent's reseller where an agent works in someone else's console (R15); None for the customer's own people.
    acting_reseller: Reseller | None
    # Whether it works there as the customer's support partner (S9): what its changes are marked with (A4).
    acting_as_support_partner: bool
    # The entry through which it is inside (R15); only set for an external user.
    console_session_id: int
    # The activation that opened the console to it, where it is open only on request (R20).
    activation_id: int | None
    # How many rows of lists the page shows; not set where it shows no list (R23).
    rows_shown: int


class ResellerRequest(SignedInRequest):
    """A request to a reseller's own pages."""

    reseller: Reseller


def note_rows(request: HttpRequest, number: int) -> None:
    """Note how many rows of a list a page shows, for the record of a visit (R23); of several lists, all of them."""
    noted = cast("ConsoleRequest", request)
    noted.rows_shown = getattr(request, "rows_shown", 0) + number
