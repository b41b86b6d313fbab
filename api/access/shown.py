"""How organisations, moments and durations are shown, and read from what was sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from accounts.models import Customer, Reseller
from accounts.moments import rfc3339
from api.core.call import Call
from api.core.errors import Invalid
from api.core.paging import page
from subscriptions.access.durations import DURATIONS, HOUR
from subscriptions.access.extent import Extent
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing


def without_nothing(**fields: Any) -> dict[str, Any]:
    """Return the fields that say something: absent ones are left out, as in the original."""
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def moment(at: datetime | None) -> str | None:
    """Return a moment as RFC 3339, to the millisecond."""
    return rfc3339(at, "milliseconds") if at else None


def hours(lasts: timedelta | None) -> int | None:
    return round(lasts / HOUR) if lasts else None


def shown_customer(customer: Customer) -> dict[str, Any]:
    return {"id": customer.customer_id, "domain": customer.primary_domain, "name": customer.name}


def shown_reseller(reseller: Reseller) -> dict[str, Any]:
    return {"id": reseller.public_id, "name": reseller.name}


def level_of(body: dict[str, Any], default: str = Level.FULL) -> str:
    return str(body["level"]).lower() if "level" in body else default


def extent_of(body: dict[str, Any]) -> Extent:
    """Return how far a console is to be open. Raises Invalid for a duration that nobody can choose."""
    lasts = timedelta(hours=body["durationHours"]) if "durationHours" in body else None
    if lasts is not None and lasts not in DURATIONS:
        choices = ", ".join(str(hours(each)) for each in DURATIONS)
        raise Invalid("durationHours", f"One of {choices}; without it there is no end.")
    standing = str(body["standing"]).lower() if "standing" in body else Standing.ALL
    return Extent(level_of(body), lasts=lasts, standing=standing)


def listed(
    call: Call, rows: QuerySet[Any], name: str, show: Callable[[Any], dict[str, Any]], *, descending: bool = True
) -> dict[str, Any]:
    """Return a page of rows, the newest first. name: of the field, and of the kind."""
    found, token = page(call, rows, keys=("id",), size=call.params["maxResults"], descending=descending)
    answer: dict[str, Any] = {"kind": f"resellerAccess#{name}", name: [show(row) for row in found]}
    return answer | ({"nextPageToken": token} if token else {})
