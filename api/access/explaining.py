"""resellerAccess.access.explain: why a person may do something in a console at this moment, or not (R24)."""

from __future__ import annotations

from typing import Any

from accounts.authorisation import explain
from accounts.permissions import Permission
from api.access.places import own_customer
from api.core.call import Call
from api.core.errors import Invalid, NotFound
from api.core.methods import serves
from subscriptions.access.relation_status import known_person


@serves("resellerAccess.access.explain")
def explain_(call: Call) -> dict[str, Any]:
    """Explain for one person and one permission. Of strangers it says the same as of addresses that nobody has."""
    customer = own_customer(call, Permission.VIEW_RESELLER_ACCESS)
    asked = call.params["permission"]
    try:
        permission = Permission(asked if asked.startswith("accounts.") else f"accounts.{asked}")
    except ValueError as error:
        raise Invalid("permission") from error
    person = known_person(customer, call.params["person"])
    if person is None:
        raise NotFound("person")
    why = explain(person, permission, customer)
    return {
        "kind": "resellerAccess#explanation",
        "person": person.email,
        "permission": permission.removeprefix("accounts."),
        "allowed": why.allowed,
        "facts": [{"holds": fact.holds, "text": fact.text} for fact in why.told],
    }
