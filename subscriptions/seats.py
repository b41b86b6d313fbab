"""Seats and who has them: what the verbs and the sweep ask and write, set-based and without authorisation.

Anyone who writes holds the locks of `lock()`: with them, what was counted stays true until the commit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.actor import Actor
from accounts.audit import EventName, record_for_people
from accounts.locking import lock_customer
from accounts.models import Customer
from subscriptions.models import Licence, Subscription
from subscriptions.notifying import Told, notify

# Everybody active in the units with automatic licences, and in the units below, who has no licence of the product yet,
# and whose licence was not revoked to stay away.
_WAITING = """
    WITH RECURSIVE unit AS (
        SELECT a.subscription_id, a.org_unit_id FROM subscriptions_autolicence a
        WHERE a.subscription_id = ANY(%(subscriptions)s)
        UNION
        SELECT unit.subscription_id, o.id FROM unit JOIN accounts_orgunit o ON o.parent_id = unit.org_unit_id
    ), waiting AS (
        SELECT unit.subscription_id, p.id, p.created_at
        FROM unit
        JOIN subscriptions_subscription s ON s.id = unit.subscription_id AND s.status = 'ACTIVE'
        JOIN subscriptions_sku k ON k.id = s.sku_id
        JOIN accounts_user p ON p.org_unit_id = unit.org_unit_id AND p.is_active
        WHERE NOT EXISTS (
            SELECT 1 FROM subscriptions_licence l
            WHERE l.user_id = p.id AND l.product_id = k.product_id AND l.revoked_at IS NULL
        ) AND NOT EXISTS (
            SELECT 1 FROM subscriptions_licence a
            WHERE a.subscription_id = s.id AND a.user_id = p.id AND a.stays_away
        )
    )
"""
_WAITING_NUMBERS = f"{_WAITING} SELECT subscription_id, count(*) FROM waiting GROUP BY subscription_id"  # noqa: S608  constants only
_LONGEST_WAITING = f"{_WAITING} SELECT id FROM waiting ORDER BY created_at, id LIMIT %(limit)s"  # noqa: S608  constants only


def lock(subscription: Subscription) -> Subscription:
    """Lock the customer and then the subscription, as every verb does, and return it as it is now."""
    lock_customer(subscription.customer)
    return _locked_subscription(subscription.pk)


def lock_unless_busy(subscription_id: int) -> Subscription | None:
    """Lock as `lock` does; where someone else works on the customer, return None instead of waiting."""
    customers = Customer.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    customer = customers.filter(subscriptions=subscription_id).only("pk").first()
    return _locked_subscription(subscription_id) if customer else None


def _locked_subscription(pk: int) -> Subscription:
    subscriptions = Subscription.objects.select_for_update(no_key=True, of=("self",))
    return subscriptions.select_related("customer", "reseller", "sku").get(pk=pk)


def in_use(subscription: Subscription) -> int:
    """Return how many licences of a subscription are assigned."""
    return Licence.objects.filter(subscription=subscription, revoked_at=None).count()


def free(subscription: Subscription) -> int | None:
    """Return how many more people can get a licence; None where nothing limits them."""
    return left(subscription, in_use(subscription))


def left(subscription: Subscription, used: int) -> int | None:
    """Return how many seats are free where so many are used; None where nothing limits them."""
    return None if subscription.seats is None else max(subscription.seats - used, 0)


def with_use(subscriptions: QuerySet[Subscription]) -> QuerySet[Any]:
    """Add to each subscription how many of its licences are assigned, as `used`."""
    licences = Licence.objects.filter(subscription=OuterRef("pk"), revoked_at=None).order_by().values("subscription")
    number = Subquery(licences.annotate(number=Count("pk")).values("number"), output_field=IntegerField())
    return subscriptions.annotate(used=Coalesce(number, 0))


def give(subscription: Subscription, people: Collection[int], *, actor: Actor | None) -> int:
    """Assign licences to people by their ids: one statement for the rows, one for their events."""
    stay_away_no_longer(subscription, people)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO subscriptions_licence (customer_id, subscription_id, user_id, product_id)"
            " SELECT %s, %s, u.id, %s FROM accounts_user u WHERE u.id = ANY(%s) ORDER BY u.id",
            [subscription.customer_id, subscription.pk, subscription.sku.product_id, list(people)],
        )
    new = {"SKU_NAME": subscription.sku.name}
    name = EventName.USER_LICENSE_ASSIGNMENT
    record_for_people(name, actor=actor, customer=subscription.customer_id, people=people, new=new)
    notify(subscription.reseller, subscription, Told.LICENSE_ASSIGNMENT_CHANGED)
    return len(people)


def stay_away_no_longer(subscription: Subscription, people: Collection[int]) -> list[int]:
    """Let automatic assignment find people again from whom a licence was kept away; return the ids of those."""
    away = Licence.objects.filter(subscription=subscription, user__in=people, stays_away=True)
    found = sorted(set(away.values_list("user", flat=True)))
    if found:
        away.update(stays_away=False)
    return found


def take(subscription: Subscription, people: Collection[int], *, actor: Actor | None, stays_away: bool = False) -> int:
    """Revoke the licences that people have, by their ids; the rows stay as history. Others are no concern.

    stays_away: whether automatic assignment leaves these people out from now on.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE subscriptions_licence SET revoked_at = statement_timestamp(), stays_away = %s"
            " WHERE subscription_id = %s AND user_id = ANY(%s) AND revoked_at IS NULL RETURNING user_id",
            [stays_away, subscription.pk, list(people)],
        )
        taken = [pk for (pk,) in cursor.fetchall()]
    if taken:
        old, new = {"SKU_NAME": subscription.sku.name}, {"automatic": False} if stays_away else None
        name = EventName.USER_LICENSE_REVOKE
        record_for_people(name, actor=actor, customer=subscription.customer_id, people=taken, old=old, new=new)
        notify(subscription.reseller, subscription, Told.LICENSE_ASSIGNMENT_CHANGED)
    return len(taken)


def take_all(subscription: Subscription, *, actor: Actor | None) -> int:
    """Revoke every licence of a subscription; return how many there were."""
    held = Licence.objects.filter(subscription=subscription, revoked_at=None)
    return take(subscription, list(held.values_list("user", flat=True)), actor=actor)


def waiting_numbers(subscription_ids: Iterable[int]) -> dict[int, int]:
    """Return, by subscription, how many people its automatic assignment has still to give a licence to."""
    ids = list(subscription_ids)
    with connection.cursor() as cursor:
        cursor.execute(_WAITING_NUMBERS, {"subscriptions": ids})
        return dict(cursor.fetchall())


def longest_waiting(subscription: Subscription, limit: int) -> list[int]:
    """Return the ids of the people who wait for a licence, those first who are there for the longest time."""
    with connection.cursor() as cursor:
        cursor.execute(_LONGEST_WAITING, {"subscriptions": [subscription.pk], "limit": limit})
        return [pk for (pk,) in cursor.fetchall()]
