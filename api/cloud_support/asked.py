"""What a call asks for: whose case, by its name in the API, and how many rows (S5, S6).

Cases are read through the scope of the pages of cases, and a stranger's is not found. As on a reseller's own pages, to
work on a case is no visit in the customer's console (S5).
"""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet

from accounts.console_sessions.inside import admits
from accounts.ids import is_id
from accounts.models import Customer, User
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import Forbidden, Invalid, NotFound
from subscriptions.access.scope import relations_of
from support.models import Case
from support.scope import cases_visible_to, services_open_to

PAGE: Final = 10
LARGEST_PAGE: Final = 100


def customer_named(call: Call, parent: str, what: str = "parent") -> Customer:
    """Return the customer that `organizations/…` names, where this person may read cases of it.

    Raises NotFound for a stranger's, Forbidden where the person lacks the right, or it was taken from them.
    """
    customer = Customer.objects.filter(organization_number=_number(parent, what)).first()
    person = call.actor.user
    if customer is None or not _knows(person, customer):
        raise NotFound(what)
    if not services_open_to(person, customer, Permission.VIEW_CASES):
        raise Forbidden
    _require_admitted(call, customer)
    return customer


def case_named(call: Call, name: str, what: str = "name") -> Case:
    """Return the case that `organizations/…/cases/…` names; what follows in the name is not looked at."""
    parts = name.split("/")
    parent = "/".join(parts[:2])
    number = _number(parent, what)
    case = None
    if len(parts) >= 4 and parts[2] == "cases" and is_id(parts[3]):
        found = cases_visible_to(call.actor.user).filter(pk=parts[3], customer__organization_number=number)
        case = shown(found).first()
    if case is None:
        # Whether the right is missing, or the case.
        customer_named(call, parent, what)
        raise NotFound(what)
    _require_admitted(call, case.customer)
    return case


def shown(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return cases with everything that their resource says: one query more, however many there are."""
    return cases.select_related("customer", "filed_by").prefetch_related("subscribers__person")


def size_of(call: Call) -> int:
    """Return how many rows a page has. Raises Invalid for a negative number; more than 100 are 100."""
    size: int = call.params.get("pageSize", 0)
    if size < 0:
        raise Invalid("pageSize")
    return min(size or PAGE, LARGEST_PAGE)


def text_in(body: dict[str, Any], field: str, longest: int) -> str:
    """Return a text of a body. Raises Invalid where it is missing, too long, or cannot be stored."""
    text: str = body.get(field, "")
    if not text.strip():
        raise Invalid(field, f"{field} is required.")
    if len(text) > longest:
        raise Invalid(field, f"{field} has at most {longest:,} characters.")
    if "\0" in text:
        raise Invalid(field)
    return text


def _number(parent: str, what: str) -> int:
    kind, _slash, number = parent.partition("/")
    if kind == "projects":
        # Organisations alone have cases here.
        raise NotFound(what)
    if kind != "organizations":
        raise Invalid(what)
    if not is_id(number):
        raise NotFound(what)
    return int(number)


def _require_admitted(call: Call, customer: Customer) -> None:
    """Raise Forbidden where a customer lets no machines of resellers work for it, or not this one (X2, R22)."""
    client = call.actor.client
    if client is not None and call.actor.user.reseller_id is not None and not admits(customer, client):
        raise Forbidden("The customer does not let this machine in.")


def _knows(person: User, customer: Customer) -> bool:
    """Tell whether a person may know that there is this customer."""
    if person.customer_id is not None:
        return person.customer_id == customer.pk
    if person.is_vendor or services_open_to(person, customer, Permission.VIEW_CASES):
        return True
    return relations_of(person).filter(customer=customer).exists()
