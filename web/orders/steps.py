"""The steps that people take with a subscription: for each its form, its verb, and what it says before (B5–B7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.clock import database_now
from subscriptions import lifecycle
from subscriptions.lifecycle import choices, consequences
from subscriptions.lifecycle.confirming import Look, to_type
from subscriptions.models import Subscription
from subscriptions.models.subscription import Plan
from web.orders.forms import ChangePlanForm, PlanForm, RenewalForm, SeatsForm, SkuForm, StepForm, StepNotesForm

# A heading, which may be empty, and what is said under it.
Said = list[tuple[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Step:
    """One step. label: of the button that leads to it and of the one that does it; done: the message afterwards.

    do: the verb; besides actor and subscription it takes what the form asks for, under the same names.
    look: what a binding one means as it was chosen, shown before it is done; None where it would change nothing.
    """

    label: Promise
    done: Promise
    form: type[StepForm]
    do: Callable[..., object]
    says: Callable[[Subscription, bool], Said]
    look: Callable[[Subscription, Mapping[str, Any]], Look | None] | None = None
    icon: str = "pencil"
    is_destructive: bool = False


def _plans(subscription: Subscription, _for_seller: bool) -> Said:
    now, seats = database_now(), subscription.seats_after_trial or subscription.seats
    return [(str(plan.label), consequences.of_plan(Plan(plan), seats, now)) for plan in choices.plans_of(subscription)]


def _seats_look(subscription: Subscription, chosen: Mapping[str, Any]) -> Look | None:
    seats, now = chosen["seats"], subscription.seats
    said = [*consequences.of_new_seats(subscription, seats), *_notes(chosen)]
    return Look(said, (subscription.pk, seats), to_type(now, seats)) if seats != now else None


def _plan_look(subscription: Subscription, chosen: Mapping[str, Any]) -> Look:
    plan, seats = chosen["plan"], chosen["seats"]
    said = consequences.of_new_plan(subscription, plan, seats, database_now())
    return Look([*said, *_notes(chosen)], (subscription.pk, plan.value, seats), to_type(subscription.seats, seats))


def _sku_look(subscription: Subscription, chosen: Mapping[str, Any]) -> Look:
    said = consequences.of_new_sku(subscription, chosen["sku"])
    return Look([*said, *_notes(chosen)], (subscription.pk, chosen["sku"].pk))


def _notes(chosen: Mapping[str, Any]) -> list[str]:
    return consequences.of_notes(chosen.get("purchase_order_id", ""), chosen.get("deal_code", ""))


STEPS: Final[Mapping[str, Step]] = MappingProxyType(
    {
        choices.PAID: Step(
            _("Start the paid service"),
            _("The paid service has begun."),
            PlanForm,
            lifecycle.start_paid_service,
            _plans,
            _plan_look,
            icon="play",
        ),
        choices.ACTIVATE: Step(
            _("Reactivate"),
            _("The subscription is active again."),
            StepForm,
            lifecycle.activate_subscription,
            lambda s, for_seller: [("", consequences.of_activating(s))],
            icon="play",
        ),
        choices.SEATS: Step(
            _("Change seats"),
            _("The seats were changed."),
            SeatsForm,
            lifecycle.change_seats,
            lambda s, for_seller: [("", consequences.of_seats(s))],
            _seats_look,
        ),
        choices.PLAN: Step(
            _("Change plan"),
            _("The plan was changed."),
            ChangePlanForm,
            lifecycle.change_plan,
            _plans,
            _plan_look,
        ),
        choices.SKU: Step(
            _("Upgrade or downgrade"),
            _("The edition was changed."),
            SkuForm,
            lifecycle.change_sku,
            lambda s, for_seller: [],
            _sku_look,
            icon="layers",
        ),
        choices.RENEWAL: Step(
            _("Change renewal"),
            _("The renewal setting was changed."),
            RenewalForm,
            lifecycle.change_renewal,
            lambda s, for_seller: [],
        ),
        choices.NOTES: Step(
            _("Change purchase order"),
            _("Purchase order and deal code were changed."),
            StepNotesForm,
            lifecycle.change_notes,
            lambda s, for_seller: [],
        ),
        choices.SUSPEND: Step(
            _("Suspend"),
            _("The subscription is suspended."),
            StepForm,
            lifecycle.suspend_subscription,
            lambda s, for_seller: [("", consequences.of_suspending(s))],
            icon="pause",
        ),
        choices.HAND_BACK: Step(
            _("Hand back to the vendor"),
            _("The subscription was handed back to the vendor."),
            StepForm,
            lifecycle.transfer_to_direct,
            lambda s, for_seller: [("", consequences.of_handing_back(s))],
            icon="undo-2",
            is_destructive=True,
        ),
        choices.CANCEL: Step(
            _("Cancel subscription"),
            _("The subscription was cancelled."),
            StepForm,
            lifecycle.cancel_subscription,
            lambda s, for_seller: [("", consequences.of_cancelling(s, for_seller=for_seller))],
            icon="trash-2",
            is_destructive=True,
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Button:
    """A link to a step on the page of a subscription."""

    label: Promise
    url: str
    icon: str
    is_destructive: bool


def buttons_of(subscription: Subscription, url_of: Callable[[str], str]) -> list[Button]:
    """Return the steps that are possible now, in the order of STEPS."""
    possible = choices.steps_of(subscription)
    return [
        Button(step.label, url_of(name), step.icon, step.is_destructive)
        for name, step in STEPS.items()
        if name in possible
    ]
