"""Licences for 10,000 people: with the verb, one person at a time, and with the least SQL that does it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from django.db import connection, transaction

from accounts.actor import Actor
from accounts.directory.people import create_user
from accounts.models import OrgUnit, User
from accounts.organisations import create_customer
from accounts.roles import Role
from benchmarks.measure import table
from subscriptions.automatic_licences import give_automatic_licences
from subscriptions.licence_use import use_over_time
from subscriptions.licensing import assign_licences, change_auto_licence, revoke_licences
from subscriptions.lifecycle import Offer, order_subscription
from subscriptions.models import Sku, Subscription
from subscriptions.models.subscription import Plan

PEOPLE, ONE_BY_ONE, ROUNDS = 10_000, 500, 5

_FLOOR = """
    INSERT INTO subscriptions_licence (customer_id, subscription_id, user_id, product_id)
    SELECT customer_id, %(subscription)s, id, %(product)s FROM accounts_user WHERE org_unit_id = %(unit)s;
    INSERT INTO accounts_auditevent (name, customer_id, subject, actor_kind, actor_email, actor_organisation,
        on_behalf_of) SELECT 'USER_LICENSE_ASSIGNMENT', customer_id, email, 'system', '', '', ''
    FROM accounts_user WHERE org_unit_id = %(unit)s
"""


def run() -> None:
    """Make a customer with 10,000 people in one unit; print medians in milliseconds and ratios to the floor."""
    admin, subscription, unit = _customer()
    people = User.objects.filter(org_unit=unit)

    def with_the_floor() -> None:
        with connection.cursor() as cursor:
            params: dict[str, int | str] = {
                "subscription": subscription.pk,
                "product": subscription.sku.product_id,
                "unit": unit.pk,
            }
            cursor.execute(_FLOOR, params)

    def one_by_one() -> None:
        for pk in list(people.values_list("pk", flat=True)[:ONE_BY_ONE]):
            assign_licences(actor=admin, subscription=subscription, people=User.objects.filter(pk=pk))

    def by_the_sweep() -> None:
        change_auto_licence(actor=admin, subscription=subscription, org_unit=unit, automatic=True)
        give_automatic_licences()

    times = {
        "floor: two statements of SQL": _median(with_the_floor),
        "assign_licences(), all at once": _median(
            lambda: assign_licences(actor=admin, subscription=subscription, people=people)
        ),
        "automatic, by the sweep": _median(by_the_sweep),
        "assign_licences(), one person each (from 500)": _median(one_by_one, rounds=1) * PEOPLE / ONE_BY_ONE,
    }
    table(f"Licences for {PEOPLE:,} people", times, "floor: two statements of SQL")
    assign_licences(actor=admin, subscription=subscription, people=people)
    reading = {
        "use over twelve months": _median(lambda: use_over_time(subscription, "Europe/Paris")),
        "revoke_licences(), all at once": _median(
            lambda: revoke_licences(actor=admin, subscription=subscription, people=people)
        ),
    }
    for name, milliseconds in reading.items():
        print(f"  {name:<58} {milliseconds:>9.3f} ms")


def _customer() -> tuple[Actor, Subscription, OrgUnit]:
    customer = create_customer(actor=None, name="Large", primary_domain="large.example")
    admin = create_user(actor=None, organisation=customer, email="a@large.example", name="A", roles=[Role.SUPER_ADMIN])
    assert admin.org_unit is not None
    unit = OrgUnit.objects.create(customer=customer, parent=admin.org_unit, name="Sales", sort_name="sales")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_user (email, name, sort_name, password, customer_id, org_unit_id, is_vendor,"
            " is_active, must_change_password, language, theme, time_zone)"
            " SELECT 'p' || i || '@large.example', 'P ' || i, 'p ' || i, '!', %s, %s, false, true, false, '',"
            " 'system', 'UTC' FROM generate_series(1, %s) i",
            [customer.pk, unit.pk, PEOPLE],
        )
        cursor.execute("ANALYZE accounts_user")
    offer = Offer(Sku.objects.get(pk="1010020028"), Plan.FLEXIBLE, PEOPLE)
    return Actor(admin), order_subscription(actor=None, customer=customer, reseller=None, offer=offer), unit


def _median(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return how many milliseconds it takes in the middle; each round is taken back."""
    seen = []
    for _ in range(rounds):
        with transaction.atomic():
            began = time.perf_counter()
            work()
            seen.append((time.perf_counter() - began) * 1000)
            transaction.set_rollback(True)
    return statistics.median(seen)
