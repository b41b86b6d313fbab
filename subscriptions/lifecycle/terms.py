"""What a plan allows (B5, B6, B7). Each refusal says what is allowed instead."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.errors import Refused
from accounts.moments import day_text
from accounts.names import readable
from subscriptions.catalogue import FREE_SKUS
from subscriptions.models import Sku, Subscription
from subscriptions.models.subscription import (
    COMMITMENT_PLANS,
    DEAL_CODE_MAX_LENGTH,
    PURCHASE_ORDER_MAX_LENGTH,
    TRIAL_SEATS,
    Plan,
    RenewalType,
    Status,
    SuspensionReason,
)
from subscriptions.seats import in_use

COMMITMENT_MONTHS = 12
TRIAL = timedelta(days=30)
# More than any organisation has people, and far below what the column can hold.
MOST_SEATS = 1_000_000
PAID_PLANS = (Plan.FLEXIBLE, Plan.ANNUAL_MONTHLY_PAY, Plan.ANNUAL_YEARLY_PAY)
_RENEWS: Final[Mapping[Plan, RenewalType]] = MappingProxyType(
    {
        Plan.ANNUAL_MONTHLY_PAY: RenewalType.AUTO_RENEW_MONTHLY_PAY,
        Plan.ANNUAL_YEARLY_PAY: RenewalType.AUTO_RENEW_YEARLY_PAY,
    }
)


@dataclass(frozen=True, slots=True)
class Offer:
    """What is bought: a SKU, a plan and seats (B5). seats: None where the plan has none, or as many as it can.

    purchase_order_id, deal_code: what a reseller notes about it, as clean_notes() takes it.
    """

    sku: Sku
    plan: Plan
    seats: int | None = None
    purchase_order_id: str = ""
    deal_code: str = ""


def months_later(moment: datetime, months: int) -> datetime:
    """Return the same day so many months later, or the last one of a month that is too short."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def end_of(plan: Plan, beginning: datetime) -> datetime | None:
    """Return when a plan that begins at that moment ends; None for one without an end. A year is a calendar year."""
    if plan in COMMITMENT_PLANS:
        return months_later(beginning, COMMITMENT_MONTHS)
    return beginning + TRIAL if plan == Plan.TRIAL else None


def next_year(subscription: Subscription) -> tuple[datetime, datetime]:
    """Return from when the years of a commitment are counted, and when the one ends that follows the present one.

    Counted from the first beginning, what began on a 29 February ends on one again. Where the end is no anniversary
    of it (it was set by hand), the years are counted from that end.
    """
    first, ended = subscription.committed_at, subscription.ends_at
    assert ended is not None
    if first is None or months_later(first, 12 * (ended.year - first.year)) != ended:
        first = ended
    return first, months_later(first, 12 * (ended.year - first.year) + COMMITMENT_MONTHS)


def begin_term(subscription: Subscription, plan: Plan, seats: int | None, beginning: datetime) -> None:
    """Put a subscription on a plan from that moment on: its seats, its end, and how it renews (B5, B7)."""
    is_commitment = plan in COMMITMENT_PLANS
    subscription.plan = plan
    subscription.number_of_seats = seats if is_commitment else None
    subscription.maximum_number_of_seats = None if is_commitment else seats
    subscription.renewal_type = _RENEWS.get(plan)
    subscription.committed_at = beginning if is_commitment else None
    subscription.ends_at = end_of(plan, beginning)
    subscription.plan_after_trial = subscription.seats_after_trial = None


def continue_term(subscription: Subscription, plan: Plan, seats: int | None) -> None:
    """Let the next term of a commitment follow the one that ended, as begin_term() does."""
    first, end = next_year(subscription)
    assert subscription.ends_at is not None
    begin_term(subscription, plan, seats, subscription.ends_at)
    if plan in COMMITMENT_PLANS:
        subscription.committed_at, subscription.ends_at = first, end


def is_over(subscription: Subscription) -> bool:
    """Tell whether its commitment ended and was not to renew (B7): it waits to be taken up again or cancelled."""
    return subscription.suspension_reasons == [SuspensionReason.RENEWAL_WITH_TYPE_CANCEL]


def require_active(subscription: Subscription) -> None:
    """Refuse to change what cannot be used at the moment."""
    if subscription.status == Status.CANCELLED:
        raise Refused(_("This subscription is cancelled. Order a new one instead."), reason="badRequest")
    if subscription.status == Status.SUSPENDED:
        raise Refused(way_out(subscription), reason="badRequest")


def way_out(subscription: Subscription) -> str:
    """Say what can be done with a suspended subscription, by the reason that weighs most (B6)."""
    reasons = subscription.suspension_reasons
    if SuspensionReason.TRIAL_ENDED in reasons:
        return _("The trial has ended. Start the paid service, or cancel the subscription.")
    if SuspensionReason.RENEWAL_WITH_TYPE_CANCEL in reasons:
        return _("The commitment has ended. Choose a plan to go on with, or let the subscription be cancelled.")
    if SuspensionReason.PENDING_TOS_ACCEPTANCE in reasons:
        return _("The customer has to accept the terms of service first. Until then it can only be cancelled.")
    if reasons == [SuspensionReason.RESELLER_INITIATED]:
        return _("This subscription is suspended. Reactivate it first.")
    return _("This subscription is suspended by the vendor. Ask vendor support to reactivate it.")


def check_offer(offer: Offer) -> None:
    """Refuse an order that no plan allows (B5). Raises Refused."""
    clean_note(offer.purchase_order_id, PURCHASE_ORDER_MAX_LENGTH, "purchase_order_id")
    clean_note(offer.deal_code, DEAL_CODE_MAX_LENGTH, "deal_code")
    if (offer.plan == Plan.FREE) != (offer.sku.pk in FREE_SKUS):
        free = offer.sku.pk in FREE_SKUS
        raise Refused(
            _("This product is free. Choose the plan “Free”.")
            if free
            else _("This product is not free. Choose a trial, a flexible plan or an annual plan."),
            "plan",
        )
    if offer.plan == Plan.FREE:
        if offer.seats is not None:
            raise Refused(_("The free plan has no limit of seats. Leave the seats empty."), "seats")
        return
    if offer.seats is None and offer.plan != Plan.TRIAL:
        raise Refused(_("Say how many seats."), "seats")
    if offer.seats is not None:
        check_number(offer.plan, offer.seats)


def clean_note(text: str, most: int, field: str) -> str:
    """Return a purchase order or a deal code as a person can read it (P10). Raises Refused for one that is too long."""
    text = readable(text)
    if len(text) > most:
        raise Refused(_("Use at most %(number)s characters.") % {"number": most}, field)
    return text


def note_order(subscription: Subscription, purchase_order_id: str | None, deal_code: str | None) -> None:
    """Write a purchase order and a deal code into a locked subscription; None leaves what is there. Raises Refused."""
    if purchase_order_id is not None:
        text = clean_note(purchase_order_id, PURCHASE_ORDER_MAX_LENGTH, "purchase_order_id")
        subscription.purchase_order_id = text
    if deal_code is not None:
        subscription.deal_code = clean_note(deal_code, DEAL_CODE_MAX_LENGTH, "deal_code")


def check_number(plan: Plan, seats: int) -> None:
    """Refuse a number of seats that a plan never has (B5). Raises Refused."""
    if plan == Plan.TRIAL and seats > TRIAL_SEATS:
        text = _("A trial has at most %(most)s seats. Choose a paid plan to have more.")
        raise Refused(text % {"most": TRIAL_SEATS}, "seats")
    if not 1 <= seats <= MOST_SEATS:
        raise Refused(_("Choose between 1 and %(most)s seats.") % {"most": intcomma(MOST_SEATS)}, "seats")


def check_not_below_use(subscription: Subscription, seats: int) -> None:
    """Refuse fewer seats than there are licences in use (B5). Raises Refused."""
    used = in_use(subscription)
    if seats < used:
        text = ngettext(
            "%(used)s licence is in use. Choose at least %(used)s seat, or take the licence away first.",
            "%(used)s licences are in use. Choose at least %(used)s seats, or take licences away first.",
            used,
        )
        raise Refused(text % {"used": used}, "seats", reason="conditionNotMet")


def check_seats(subscription: Subscription, seats: int) -> None:
    """Refuse seats that this subscription cannot have now (B5). Raises Refused.

    An annual plan keeps its seats until it renews; the others go down to the licences in use.
    """
    plan = Plan(subscription.plan)
    if plan == Plan.FREE:
        raise Refused(
            _("The free plan has no seats to change: everybody can have a licence."), "seats", reason="conditionNotMet"
        )
    check_number(plan, seats)
    if subscription.number_of_seats is not None and seats < subscription.number_of_seats:
        text = _(
            "An annual plan keeps its %(seats)s seats until it renews on %(date)s. Choose %(seats)s or more now; "
            "to have fewer from then on, let it renew for the current users."
        )
        raise Refused(
            text % {"seats": subscription.number_of_seats, "date": end_date(subscription)},
            "seats",
            reason="conditionNotMet",
        )
    check_not_below_use(subscription, seats)


def check_plan(subscription: Subscription, plan: Plan) -> None:
    """Refuse a change of plan that is not allowed now (B5, B7). Raises Refused.

    A flexible plan can become an annual one at any time. A commitment ends first: what comes then is its renewal
    setting, and one that ended without renewing can be taken up on any paid plan. What a trial gets begins with the
    paid service, and what is free stays free.
    """
    if subscription.plan == Plan.FREE:
        raise Refused(
            _("A free subscription has no other plan. Order another product instead."), "plan", reason="conditionNotMet"
        )
    if plan not in PAID_PLANS:
        raise Refused(_("Choose a flexible plan or an annual plan: nobody goes back to a trial."), "plan")
    if subscription.plan in COMMITMENT_PLANS and not is_over(subscription):
        text = _(
            "The annual plan lasts until %(date)s. What follows is the renewal setting: "
            "there you choose another way of paying, or a flexible plan."
        )
        raise Refused(text % {"date": end_date(subscription)}, "plan", reason="conditionNotMet")


def end_date(subscription: Subscription) -> str:
    """Return the day on which the commitment or the trial ends, for a sentence."""
    return day_text(subscription.ends_at) if subscription.ends_at else ""
