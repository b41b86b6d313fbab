"""What an order, a change or a cancellation will mean, in sentences that stand before the button."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.moments import day_text
from accounts.names import isolated, readable
from subscriptions.access.effective import in_force
from subscriptions.lifecycle.customers import NewCustomer
from subscriptions.lifecycle.terms import Offer, end_date, end_of, is_over
from subscriptions.models import AccessGrant, Sku, Subscription
from subscriptions.models.grant import Basis
from subscriptions.models.subscription import (
    COMMITMENT_PLANS,
    TRIAL_SEATS,
    Plan,
    RenewalType,
    Status,
    SuspensionReason,
)
from subscriptions.seats import in_use


def of_plan(plan: Plan, seats: int | None, now: datetime) -> list[str]:
    """Say what a plan means that begins now: when it begins and ends, and what comes then (B5, B7)."""
    number = intcomma(seats if seats is not None else TRIAL_SEATS)
    end = end_of(plan, now)
    day = day_text(end) if end else ""
    if plan in COMMITMENT_PLANS:
        return [
            _("It begins at once and is a commitment to %(number)s seats until %(date)s.")
            % {"number": number, "date": day},
            _("Until then seats can be added, not given back."),
            _("Then it renews for another year, unless the renewal setting is changed before."),
        ]
    if plan == Plan.TRIAL:
        return [
            _("It begins at once with %(number)s seats, costs nothing, and lasts 30 days, until %(date)s.")
            % {"number": number, "date": day},
            _("Then it is suspended, unless the paid service was started. Nothing is charged automatically."),
        ]
    if plan == Plan.FREE:
        return [_("It begins at once and costs nothing. Everybody can have a licence.")]
    return [
        _("It begins at once, for %(number)s seats at most, without a commitment.") % {"number": number},
        _("Seats can be added and given back at any time, down to the licences in use."),
    ]


def of_order(plan: Plan, seats: int | None, now: datetime, *, reseller_name: str) -> list[str]:
    """Say what ordering means; reseller_name: empty where it is bought from the vendor (R3)."""
    if reseller_name:
        source = _("%(reseller)s manages it. The customer sees it in its console.") % {
            "reseller": isolated(reseller_name)
        }
    else:
        source = _(
            "It is bought from %(vendor)s and open to no reseller. A super admin can open it on the page Reseller "
            "access."
        ) % {"vendor": settings.VENDOR_NAME}
    return [*of_plan(plan, seats, now), source]


def of_new_customer(new: NewCustomer, offer: Offer, now: datetime, *, reseller_name: str) -> list[str]:
    """Say what adding a customer with its first order means (P4, R1)."""
    who = _("%(customer)s (%(domain)s) is added, and %(admin)s (%(email)s) is its first super admin.")
    what = _("Ordered: %(product)s, %(plan)s.") % {"product": offer.sku.name, "plan": offer.plan.label}
    names = {
        "customer": isolated(new.name),
        "domain": new.primary_domain,
        "admin": isolated(new.admin_name),
        "email": new.admin_email,
    }
    ordered = of_order(offer.plan, offer.seats, now, reseller_name=reseller_name)
    return [who % names, what, *ordered, *of_notes(offer.purchase_order_id, offer.deal_code)]


def of_notes(purchase_order_id: str, deal_code: str) -> list[str]:
    """Say which purchase order and deal code are noted; nothing for what is empty."""
    notes = {_("Purchase order: %(text)s."): purchase_order_id, _("Deal code: %(text)s."): deal_code}
    return [said % {"text": isolated(text)} for said, note in notes.items() if (text := readable(note))]


def of_seats(subscription: Subscription) -> list[str]:
    """Say between which numbers the seats can be now (B5)."""
    if subscription.plan in COMMITMENT_PLANS:
        text = _("The annual plan keeps its %(number)s seats until %(date)s. Seats can be added, not given back.")
        return [text % {"number": intcomma(subscription.seats or 0), "date": end_date(subscription)}]
    used = in_use(subscription)
    said = []
    if used:
        text = ngettext(
            "You need at least %(number)s seat: %(number)s licence is in use.",
            "You need at least %(number)s seats: %(number)s licences are in use.",
            used,
        )
        said.append(text % {"number": intcomma(used)})
    if subscription.plan == Plan.TRIAL:
        said.append(_("A trial has at most %(most)s seats.") % {"most": TRIAL_SEATS})
    return said


def of_new_seats(subscription: Subscription, seats: int) -> list[str]:
    """Say what another number of seats means: what was, what will be, and until when that binds (B5)."""
    plan, numbers = Plan(subscription.plan), {"old": intcomma(subscription.seats or 0), "new": intcomma(seats)}
    names = {**numbers, "product": subscription.sku.name, "plan": plan.label, "date": end_date(subscription)}
    said = [_("%(product)s, %(plan)s: %(old)s → %(new)s seats, from now on.") % names]
    if plan in COMMITMENT_PLANS:
        said.append(
            _("%(new)s seats are a commitment until %(date)s. Until then seats can be added, not given back.") % names
        )
    elif plan == Plan.TRIAL:
        said.append(_("The trial lasts until %(date)s and costs nothing.") % names)
    else:
        said.append(_("There is no commitment: seats can be given back at any time, down to the licences in use."))
    return said


def of_new_plan(subscription: Subscription, plan: Plan, seats: int, now: datetime) -> list[str]:
    """Say what another plan means: what was, what will be, and until when that binds (B5, B7)."""
    text = _("%(product)s: %(old_plan)s with %(old)s seats → %(plan)s with %(new)s seats.")
    names = {
        "product": subscription.sku.name,
        "old_plan": Plan(subscription.plan).label,
        "old": intcomma(subscription.seats or 0),
        "plan": plan.label,
        "new": intcomma(seats),
    }
    return [text % names, *of_plan(plan, seats, now)]


def of_new_sku(subscription: Subscription, sku: Sku) -> list[str]:
    """Say what another edition means: what stays and who has it then (B5)."""
    used, names = in_use(subscription), {"old": subscription.sku.name, "new": sku.name, "date": end_date(subscription)}
    said = [_("%(old)s → %(new)s, from now on. Seats, plan and end stay.") % names]
    if used:
        text = ngettext(
            "%(number)s person who has a licence uses the new edition at once.",
            "%(number)s people who have a licence use the new edition at once.",
            used,
        )
        said.append(text % {"number": intcomma(used)})
    if subscription.plan in COMMITMENT_PLANS:
        said.append(_("It is a commitment until %(date)s. Until then it can be upgraded, not downgraded.") % names)
    return said


def of_moving_seats(subscription: Subscription, seats: int) -> str:
    """Say what other seats mean for a subscription that moves to another reseller (B5)."""
    names = {"product": subscription.sku.name, "old": intcomma(subscription.seats or 0), "new": intcomma(seats)}
    if subscription.plan in COMMITMENT_PLANS:
        text = _("%(product)s: %(old)s → %(new)s seats, a commitment until %(date)s.")
        return text % {**names, "date": end_date(subscription)}
    return _("%(product)s: %(old)s → %(new)s seats, without a commitment.") % names


def of_suspending(subscription: Subscription) -> list[str]:
    """Say what a suspension by the reseller means (B6)."""
    name = {"customer": isolated(subscription.customer.name)}
    return [
        _("Nobody at %(customer)s can use it until you reactivate it.") % name,
        _("Licences stay assigned, and the commitment goes on. Your access to the console stays as it is."),
    ]


def of_activating(subscription: Subscription) -> list[str]:
    """Say what reactivating means (B6)."""
    return [_("It can be used again at once, with the licences and the plan that it had.")]


def of_renewal(subscription: Subscription) -> dict[RenewalType, str]:
    """Say for each renewal setting what happens on the day the commitment ends (B7)."""
    day, grace = end_date(subscription), settings.SUBSCRIPTION_GRACE_DAYS
    monthly, yearly = _("each month"), _("once a year")
    renews = _("On %(date)s a new year begins with the seats of that day, paid %(how)s.")
    current = _("On %(date)s a new year begins with as many seats as licences are in use, paid %(how)s.")
    flexible = _("From %(date)s on there is no commitment; the seats are the most that can be used.")
    ends = _("On %(date)s it is suspended. If no plan is chosen within %(days)s days, it is cancelled.")
    return {
        RenewalType.AUTO_RENEW_MONTHLY_PAY: renews % {"date": day, "how": monthly},
        RenewalType.AUTO_RENEW_YEARLY_PAY: renews % {"date": day, "how": yearly},
        RenewalType.RENEW_CURRENT_USERS_MONTHLY_PAY: current % {"date": day, "how": monthly},
        RenewalType.RENEW_CURRENT_USERS_YEARLY_PAY: current % {"date": day, "how": yearly},
        RenewalType.SWITCH_TO_PAY_AS_YOU_GO: flexible % {"date": day},
        RenewalType.CANCEL: ends % {"date": day, "days": grace},
    }


def of_cancelling(subscription: Subscription, *, for_seller: bool) -> list[str]:
    """Say what ends with a subscription: licences, access that stood on it (R13), and the commitment.

    for_seller: the reader works for the reseller that sold it.
    """
    used = in_use(subscription)
    said = [
        ngettext("%(number)s person loses the licence at once.", "%(number)s people lose their licence at once.", used)
        % {"number": intcomma(used)}
        if used
        else _("No licences are assigned.")
    ]
    if subscription.plan in COMMITMENT_PLANS and not is_over(subscription):
        said.append(
            _("You end a commitment that runs until %(date)s. What it still costs is between you and the seller.")
            % {"date": end_date(subscription)}
        )
    said += _access_that_ends(subscription, for_seller=for_seller)
    return [*said, _("This cannot be undone. To use the product again, place a new order.")]


def of_handing_back(subscription: Subscription) -> list[str]:
    """Say what handing a subscription back means: what goes on without the seller, and whose access ends (B1, R13)."""
    names = {"customer": isolated(subscription.customer.name), "vendor": settings.VENDOR_NAME}
    said = [_("From now on %(customer)s has it from %(vendor)s. Seats, plan, end and licences stay.") % names]
    if subscription.suspension_reasons == [SuspensionReason.RESELLER_INITIATED]:
        said.append(_("It can be used again at once: your suspension ends."))
    if subscription.purchase_order_id or subscription.deal_code:
        said.append(_("Its purchase order and its deal code are deleted."))
    stays = _("You sell %(customer)s something else: your access to its console stays as it is.") % names
    return [
        *said,
        _("You do not see or manage this subscription any more."),
        *(_access_that_ends(subscription, for_seller=True) or [stays]),
        _("It is open to no reseller. A super admin can open it on the page Reseller access."),
        _("To sell it again, you need a transfer token of %(customer)s.") % names,
    ]


def _access_that_ends(subscription: Subscription, *, for_seller: bool) -> list[str]:
    if not for_seller:
        opened = AccessGrant.objects.filter(Q(allowed=True) | in_force(), subscription=subscription, ended_at=None)
        resellers = opened.order_by("reseller__sort_name").values_list("reseller__name", flat=True)
        names = ", ".join(map(isolated, resellers))
        return [_("Resellers to whom it is opened lose it at once: %(names)s.") % {"names": names}] if names else []
    others = Subscription.objects.filter(customer=subscription.customer_id, reseller=subscription.reseller_id)
    if others.exclude(status=Status.CANCELLED).exclude(pk=subscription.pk).exists():
        return []
    if AccessGrant.objects.filter(
        customer=subscription.customer_id, reseller=subscription.reseller_id, subscription=None, basis=Basis.BOTH
    ).exists():
        text = _(
            "It is the last subscription that you sold to %(customer)s: your access to its console ends at once. Your "
            "support contracts and their cases go on."
        )
        return [text % {"customer": isolated(subscription.customer.name)}]
    text = _(
        "It is the last subscription that you sold to %(customer)s: your access to its console ends at once, "
        "and you do not see this customer any more."
    )
    return [text % {"customer": isolated(subscription.customer.name)}]
