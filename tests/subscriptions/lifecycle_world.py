"""Subscriptions on every plan, licences, and a clock: the end of a term is moved into the past (B5–B7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer, Reseller
from subscriptions import lifecycle
from subscriptions.lifecycle.customers import NewCustomer
from subscriptions.models import Licence, Order, Sku, Subscription
from subscriptions.models.subscription import Plan, Status, SuspensionReason
from tests.factories import put_person

PLUS, VAULT, FREE = "1010020025", "Google-Vault", "1010010001"


def offer(plan: Plan = Plan.FLEXIBLE, seats: int | None = 10, sku: str = PLUS) -> lifecycle.Offer:
    return lifecycle.Offer(Sku.objects.get(pk=sku), plan, seats)


def on_plan(
    customer: Customer, reseller: Reseller | None, plan: Plan, seats: int | None = 10, sku: str = PLUS
) -> Subscription:
    """A subscription on this plan, bought this instant."""
    return lifecycle.place_order(actor=None, customer=customer, reseller=reseller, offer=offer(plan, seats, sku))


def use(subscription: Subscription, number: int) -> None:
    """Let so many people hold a licence."""
    people = [put_person(subscription.customer) for _ in range(number)]
    Licence.objects.bulk_create(
        Licence(
            customer=subscription.customer, subscription=subscription, user=person, product=subscription.sku.product
        )
        for person in people
    )


def days_pass(subscription: Subscription, days: float) -> Subscription:
    """Let the term have begun so many days earlier."""
    Subscription.objects.filter(pk=subscription.pk).update(ends_at=F("ends_at") - timedelta(days=days))
    return now(subscription)


def suspend_for(subscription: Subscription, *reasons: SuspensionReason) -> Subscription:
    """As someone other than the reseller would have left it."""
    rows = Subscription.objects.filter(pk=subscription.pk)
    rows.update(status=Status.SUSPENDED, suspension_reasons=list(reasons))
    return now(subscription)


def now(subscription: Subscription) -> Subscription:
    return Subscription.objects.select_related("customer", "reseller", "sku").get(pk=subscription.pk)


def history(subscription: Subscription) -> list[str]:
    """The kinds of its lines, the oldest first."""
    return list(Order.objects.filter(subscription=subscription).order_by("id").values_list("kind", flat=True))


def trail_after(subscription: Subscription, first: int = 0) -> list[str]:
    """The names of the events about it, without those of access."""
    events = AuditEvent.objects.filter(customer_id=subscription.customer_id, subject=subscription.sku.name)
    return list(events.order_by("id").values_list("name", flat=True))[first:]


def refusal(verb: Callable[..., object], *, actor: Actor | None, subscription: Subscription, **asked: Any) -> str:
    """Return what a verb says when it refuses, having seen that it changed and wrote nothing."""
    before, lines = now(subscription), history(subscription)
    with pytest.raises(Refused) as refused:
        verb(actor=actor, subscription=subscription, **asked)
    after = now(subscription)
    names = [field.attname for field in Subscription._meta.concrete_fields]
    assert [getattr(after, name) for name in names] == [getattr(before, name) for name in names]
    assert history(subscription) == lines
    return refused.value.message


NEW = NewCustomer(
    name="Initech",
    primary_domain="Initech.example.",
    postal_address=" 1  Main Street \n\n Austin ",
    phone_number="+1 555 0100",
    admin_name="Peter Gibbons",
    admin_email="Peter@initech.example",
)
