"""Plans and seats as a client sends them (B5): of both kinds of seats the one counts that the plan has."""

from __future__ import annotations

from typing import Any

from api.core.errors import ApiError, Invalid
from subscriptions.models import Sku
from subscriptions.models.subscription import COMMITMENT_PLANS, Plan, RenewalType

# The name that answers have for the annual plan that is paid monthly.
_ANNUAL = "ANNUAL"


def sku_named(pk: str, name: str = "skuId") -> Sku:
    """Return a SKU of the catalogue. Raises Invalid."""
    if not pk:
        raise ApiError(400, "required", f"Required: {name}", name)
    found = Sku.objects.select_related("product").filter(pk=pk).first()
    if found is None:
        raise Invalid(name)
    return found


def plan_named(name: str) -> Plan:
    """Return a plan by what a client calls it. Raises Invalid."""
    if not name:
        raise ApiError(400, "required", "Required: planName", "planName")
    if name == _ANNUAL:
        return Plan.ANNUAL_MONTHLY_PAY
    if name not in Plan.values:
        raise Invalid("planName")
    return Plan(name)


def seats_sent(plan: Plan, body: dict[str, Any]) -> int | None:
    """Return the seats that were sent for a plan, None where none were. Clients may send both kinds.

    The free plan has none. Raises Invalid where only the other kind was sent: the reference calls each exclusive to
    its plans.
    """
    if plan == Plan.FREE:
        return None
    mine, other = "numberOfSeats", "maximumNumberOfSeats"
    if plan not in COMMITMENT_PLANS:
        mine, other = other, mine
    if mine in body:
        return int(body[mine])
    if other in body:
        raise Invalid(mine, f"Invalid Input: a plan {plan} has {mine}.")
    return None


def renewal_named(name: str) -> RenewalType:
    """Return a renewal setting by its name. Raises Invalid."""
    if not name:
        raise ApiError(400, "required", "Required: renewalType", "renewalType")
    if name not in RenewalType.values:
        raise Invalid("renewalType")
    return RenewalType(name)
