"""A small world for tests of access: organisations, people, subscriptions, and a clock that can be moved.

The database's clock rules (R8), so time passes by moving every stored moment into the past.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from django.contrib.auth.models import Permission as StoredPermission
from django.db import connection

from accounts.actor import Actor
from accounts.models import AuditEvent, Customer, CustomerAgent, Reseller, User
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.access import propagation
from subscriptions.access.comparison import Desired
from subscriptions.access.scope import subscriptions_in_console
from subscriptions.models import AccessChange, AccessGrant, Sku, Subscription
from subscriptions.models.subscription import Plan
from tests.factories import fresh, put_customer, put_person, put_reseller

DAY = 24 * 60 * 60
SETTLED_NAMES = ("RESELLER_ACCESS_APPLIED", "RESELLER_ACCESS_SUPERSEDED", "RESELLER_ACCESS_FAILED")
REQUESTED_NAMES = ("CHANGE_RESELLER_ACCESS", "CHANGE_RESELLER_ACCESS_FOR_SKU")

_numbers = count(1)


def assign(agent: User, customer: Customer) -> None:
    """Let an agent work for a customer (P4)."""
    right = StoredPermission.objects.get(codename="work_for_customer")
    CustomerAgent.objects.create(user=agent, content_object=customer, permission=right)


def sell(customer: Customer, reseller: Reseller | None, sku: str = "1010020027") -> Subscription:
    """Let a customer order; from the vendor where `reseller` is None."""
    offer = lifecycle.Offer(Sku.objects.get(pk=sku), Plan.FLEXIBLE, 10)
    return lifecycle.place_order(actor=None, customer=customer, reseller=reseller, offer=offer)


@dataclass
class World:
    """One customer, its admin, a reseller with open access, an agent of it, and a subscription from each side."""

    customer: Customer
    admin: Actor
    reseller: Reseller
    agent: User
    sold: Subscription
    own: Subscription

    def console(self) -> AccessGrant:
        return grant(self.customer, self.reseller)

    def opened(self) -> AccessGrant:
        return grant(self.customer, self.reseller, self.own)


def make_world() -> World:
    customer, reseller = put_customer(), put_reseller()
    admin = Actor(put_person(customer, Role.SUPER_ADMIN), "192.0.2.7")
    agent = put_person(reseller, Role.RESELLER_AGENT)
    assign(agent, customer)
    sold, own = sell(customer, reseller), sell(customer, None, "1010330004")
    propagation.apply_due_changes()
    return World(customer, admin, reseller, agent, sold, own)


def grant(customer: Customer, reseller: Reseller, subscription: Subscription | None = None) -> AccessGrant:
    return AccessGrant.objects.get(customer=customer, reseller=reseller, subscription=subscription)


def wish(customer: Customer, reseller: Reseller, allowed: bool, subscription: Subscription | None = None) -> Desired:
    """The box as an admin leaves it who has just opened the page."""
    found = AccessGrant.objects.filter(customer=customer, reseller=reseller, subscription=subscription).first()
    return Desired(reseller.pk, subscription.pk if subscription else None, allowed, found.generation if found else 0)


def may_enter(agent: User, customer: Customer) -> bool:
    return fresh(agent).has_perm(Permission.VIEW_CONSOLE, customer)


def visible(agent: User, customer: Customer) -> set[int]:
    """The whole set of subscriptions that this agent sees in this console at this instant."""
    return set(subscriptions_in_console(fresh(agent), customer).values_list("pk", flat=True))


# What is moved where time passes, by table.
_MOMENTS = {
    "subscriptions_accessgrant": (
        "effective_from",
        "effective_until",
        "effective_ends_at",
        "ends_at",
        "narrows_at",
        "ended_at",
    ),
    "accounts_activation": (
        "window_began",
        "asked_at",
        "expires_at",
        "answered_at",
        "effective_from",
        "effective_until",
    ),
    "subscriptions_accesschange": ("requested_at", "due_at", "next_attempt_at", "settled_at", "ends_at"),
}


def pass_time(seconds: float) -> None:
    """Let time pass for every grant and change."""
    with connection.cursor() as cursor:
        for table, columns in _MOMENTS.items():
            moved = ", ".join(f"{column} = {column} - %(by)s * interval '1 second'" for column in columns)
            cursor.execute(f"UPDATE {table} SET {moved}", {"by": seconds})


def propagate() -> int:
    """Let a day pass and a worker sweep: afterwards everything saved is in effect."""
    pass_time(DAY)
    return propagation.apply_due_changes()


def outcomes(grant: AccessGrant) -> list[str | None]:
    """How the changes of a grant ended, in their order; None where one waits."""
    return list(AccessChange.objects.filter(grant=grant).order_by("generation").values_list("outcome", flat=True))


def events(changes: Iterable[AccessChange]) -> list[str]:
    """The names of the events of these changes, in the order of writing."""
    ids = [change.pk for change in changes]
    return list(AuditEvent.objects.filter(access_change_id__in=ids).order_by("id").values_list("name", flat=True))


def refuse_events_of(grant: AccessGrant | None, name: str = "RESELLER_ACCESS_APPLIED") -> None:
    """Let the database refuse the last event of this grant's changes: a failure of the database's own."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_auditevent DROP CONSTRAINT IF EXISTS refused_by_the_test")
        if grant is not None:
            [last] = grant.changes.filter(settled_at=None)
            cursor.execute(
                "SET CONSTRAINTS ALL IMMEDIATE;"
                "ALTER TABLE accounts_auditevent ADD CONSTRAINT refused_by_the_test"
                " CHECK (access_change_id <> %s OR name <> %s) NOT VALID",
                [last.pk, name],
            )
