"""Figures of a customer as the original's usage reports give them: people, and licences by product.

Those of today are complete. Of a day that has passed it is known how many people there were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date
from types import MappingProxyType
from typing import Any, Final

from accounts.clock import database_now
from accounts.figures import people_at_end_of, people_figures
from accounts.models import Customer
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import Invalid
from api.core.methods import serves
from api.door.consoles import MY_CUSTOMER, console
from subscriptions.access.scope import subscriptions_in_console
from subscriptions.figures import SeatUse, subscription_figures

# What the original calls licences in reports: by product, and by SKU where it counts some apart.
_PRODUCTS: Final[Mapping[str, str]] = MappingProxyType({"Google-Apps": "apps", "Google-Vault": "vault"})
_SKUS: Final[Mapping[str, str]] = MappingProxyType(
    {"1010020020": "gsuite_enterprise", "1010050001": "cloud_identity_premium"}
)


@serves("reports.customerUsageReports.get")
def get(call: Call) -> dict[str, Any]:
    """Return the figures of a day. Raises Invalid for one that has not come yet, in the original's words."""
    customer = console(call, call.params.get("customerId", MY_CUSTOMER), Permission.VIEW_USERS)
    if call.params.get("pageToken"):  # a report is one page
        raise Invalid("pageToken")
    day, today = _day(call.params["date"]), database_now().astimezone(UTC).date()
    if day > today:
        # Clients read the day in this sentence, and ask again for that one.
        said = f"Data for dates later than {today} is not yet available. Please check back later"
        raise Invalid("date", said)
    figures = dict(_of_today(call, customer) if day == today else _of_past(customer, day))
    asked = [name for name in call.params.get("parameters", "").split(",") if name]
    parameters = [
        {"name": name, "intValue": str(number)} for name, number in figures.items() if not asked or name in asked
    ]
    report = {
        "kind": "admin#reports#usageReport",
        "date": day.isoformat(),
        "entity": {"type": "CUSTOMER", "customerId": customer.customer_id},
        "parameters": parameters,
    }
    return {"kind": "admin#reports#usageReports", "usageReports": [report]}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("date") from error


def _of_past(customer: Customer, day: date) -> Iterator[tuple[str, int]]:
    yield "accounts:num_users", people_at_end_of(customer, day)


def _of_today(call: Call, customer: Customer) -> Iterator[tuple[str, int]]:
    people = people_figures(customer)
    yield "accounts:num_users", people.total
    yield "accounts:num_suspended_users", people.suspended
    seen = subscriptions_in_console(call.actor.user, customer).select_related("sku")
    uses = subscription_figures(seen).uses
    for product, name in _PRODUCTS.items():
        yield from _licences(name, (use for use in uses if use.subscription.sku.product_id == product))
    for sku, name in _SKUS.items():
        yield from _licences(name, (use for use in uses if use.subscription.sku_id == sku))


def _licences(name: str, uses: Iterable[SeatUse]) -> Iterator[tuple[str, int]]:
    """Give how many licences there are, and how many of them people have; nothing of what was never bought."""
    found = list(uses)
    if found:
        yield f"accounts:{name}_total_licenses", sum(use.seats or 0 for use in found)
        yield f"accounts:{name}_used_licenses", sum(use.used for use in found)
