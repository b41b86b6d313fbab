"""The first few customers and sold subscriptions that match what a reseller's person types (P4, B3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from accounts.directory.finding import PART
from accounts.ids import is_id
from accounts.models import User
from accounts.names import at_the_beginning, sort_key
from subscriptions.access.scope import relations_condition, relations_sold_in, subscriptions_sold_by
from subscriptions.models import Sku, Subscription

_FIRST: Final = """
    SELECT g.customer_id, g.customer_name, g.customer_domain FROM subscriptions_accessgrant g
    WHERE {condition} ORDER BY g.customer_sort_name, g.id LIMIT %(number)s
"""


@dataclass(frozen=True, slots=True)
class CustomerFound:
    """A customer that this agent works for."""

    customer_id: int
    name: str
    domain: str


def first_customers(agent: User, typed: str, number: int) -> list[CustomerFound]:
    """Return at most `number` customers of this agent by a part of the name or domain, from A to Z.

    By hand, from the condition of the list: it answers at each key, also for an agent whose team has 20,000.
    """
    key = sort_key(typed)
    if not key:
        return []
    condition, params = relations_condition(agent, typed if len(key) >= PART else "", few=True)
    if len(key) < PART:
        condition += " AND g.customer_sort_name LIKE %(beginning)s"
    with connection.cursor() as cursor:
        cursor.execute(
            _FIRST.format(condition=condition),
            params | {"beginning": at_the_beginning(key), "number": number},
        )
        return [CustomerFound(*columns) for columns in cursor.fetchall()]


def of_product(typed: str, of: str = "sku__") -> Q:
    """Return the condition that a product has this part in its name; of one or two letters, a word that begins so.

    of: whose product, as a relation from the rows.
    """
    text = typed.strip()
    if len(text) >= PART:
        return Q(**{f"{of}name__icontains": text})
    return Q(**{f"{of}name__istartswith": text}) | Q(**{f"{of}name__icontains": f" {text}"})


def first_sold(agent: User, typed: str, number: int, customers: Collection[int]) -> list[Subscription]:
    """Return at most `number` subscriptions that this agent's reseller sold, the newest first.

    Found by a part of the product, by their own number, or because they are of one of `customers`, by their ids.
    """
    text = typed.strip()
    if not text:
        return []
    # The catalogue is small: with its ids, most of what is typed needs no look at a million subscriptions.
    skus = list(Sku.objects.filter(of_product(text, "")).values_list("pk", flat=True))
    ids = [int(text.removeprefix("#"))] if is_id(text.removeprefix("#")) else []
    if not (skus or ids or customers):
        return []
    condition = Q(sku__in=skus) | Q(pk__in=ids) | Q(customer__in=customers)
    # Of customers that are theirs today: a name and a domain of now belong to who serves them now (R13).
    theirs = Exists(relations_sold_in(agent).filter(customer=OuterRef("customer")))
    sold = subscriptions_sold_by(agent, few=True).filter(condition, theirs).select_related("sku", "customer")
    return list(sold.order_by("-pk")[:number])
