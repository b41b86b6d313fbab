"""R19: who can enter which console from outside, compared with what the page *Reseller access* of that console says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.authorisation import permissions_on
from accounts.console_sessions.windows import windows_in
from accounts.models import Customer, Reseller, User
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.access.effective import AccessState
from subscriptions.access.overview import overview_of
from tests.web.console.access_page import open_page


@dataclass(frozen=True, slots=True)
class Opening:
    """One console that is open to one organisation, to whom there, and whether the page names it as open or closing."""

    customer: str
    reseller: str
    people: tuple[str, ...]
    is_named: bool


def openings(customers: Iterable[Customer] | None = None) -> list[Opening]:
    """Ask for every pair of a customer and a person of a reseller in the database; then read the customer's page.

    customers: only these.
    """
    outside = list(User.objects.filter(reseller__isnull=False).order_by("pk"))
    resellers = Reseller.objects.in_bulk()
    found = []
    for customer in Customer.objects.order_by("pk") if customers is None else customers:
        inside: dict[int, list[str]] = defaultdict(list)
        windows = windows_in(customer, [person.pk for person in outside])
        for person in outside:
            enters = Permission.VIEW_CONSOLE in permissions_on(person, customer)
            assert enters is (person.pk in windows), "R15: what lets someone in has a window, and nothing else has"
            if enters:
                inside[person.reseller_id or 0].append(person.email)
        if inside:
            named = _named(customer)
            found += [
                Opening(customer.primary_domain, resellers[pk].primary_domain, tuple(people), pk in named)
                for pk, people in inside.items()
            ]
    return found


def _named(customer: Customer) -> set[int]:
    """Return the resellers whose box on the page is ticked, or of which the page says that access ends soon."""
    boxes = overview_of(customer).boxes
    closing = {key[0] for key, box in boxes.items() if key[1] is None and box.access is AccessState.CLOSING}
    admin = User.objects.filter(customer=customer, is_active=True, role_assignments__role=Role.SUPER_ADMIN).first()
    if admin is None:
        return closing | {key[0] for key, box in boxes.items() if key[1] is None and box.ticked}
    page = open_page(admin, customer)
    return {int(name) for name, box in page.boxes.items() if name.isdigit() and (box.checked or int(name) in closing)}
