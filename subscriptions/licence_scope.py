"""Whose licences someone sees and may assign: every page of licences starts here, and the default is nothing (R3).

permissions: what the guard found for this request (`request.permissions`), so that a page asks for access once (R11).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.directory.tree import Tree
from accounts.models import Customer, User
from accounts.permissions import Permission
from subscriptions.access.scope import subscriptions_in_console
from subscriptions.models import AutoLicence, Licence, Subscription


def licensable(person: User, customer: Customer, permissions: Collection[Permission]) -> QuerySet[Subscription]:
    """Return the subscriptions whose licences this person sees: those they see in this console, if they may."""
    if Permission.VIEW_LICENCES not in permissions:
        return Subscription.objects.none()
    scope = subscriptions_in_console(person, customer, permissions)
    return scope.select_related("sku__product", "reseller", "customer")


def licences_in_console(person: User, customer: Customer, permissions: Collection[Permission]) -> QuerySet[Licence]:
    """Return the licences in use that this person sees: those of the subscriptions in their scope."""
    subscriptions = licensable(person, customer, permissions).select_related(None)
    return Licence.objects.filter(customer=customer, revoked_at=None, subscription__in=subscriptions)


def people_of(customer: Customer, permissions: Collection[Permission]) -> QuerySet[User]:
    """Return the people who can have a licence, for those who see licences: the customer's, without deleted ones."""
    if Permission.VIEW_LICENCES not in permissions:
        return User.objects.none()
    return User.objects.filter(customer=customer, deleted_at=None)


def holders(people: QuerySet[User], subscription: Subscription) -> QuerySet[User]:
    """Return those of `people` who have a licence of a subscription, with `licensed_at`: since when."""
    licences = Licence.objects.filter(subscription=subscription, user=OuterRef("pk"), revoked_at=None)
    return people.filter(Exists(licences)).annotate(licensed_at=Subquery(licences.values("assigned_at")[:1]))


def lacking(people: QuerySet[User], subscription: Subscription, scope: QuerySet[Subscription]) -> QuerySet[Any]:
    """Return those of `people` who have no licence of a subscription, with what they have of its product.

    has_other: whether they have any. other: its name, where that subscription is in `scope`: what another reseller
    sold has no name for an agent (R14).
    """
    licences = Licence.objects.filter(user=OuterRef("pk"), revoked_at=None, product=subscription.sku.product_id)
    named = licences.filter(subscription__in=scope.order_by().values("pk"))
    return people.exclude(Exists(licences.filter(subscription=subscription))).annotate(
        has_other=Exists(licences), other=Subquery(named.values("subscription__sku__name")[:1])
    )


def lack_more_than(number: int, people: QuerySet[User], subscription: Subscription) -> bool:
    """Tell whether more than so many of `people` have no licence of a subscription."""
    held = Licence.objects.filter(user=OuterRef("pk"), revoked_at=None, subscription=subscription)
    return people.exclude(Exists(held)).order_by()[: number + 1].count() > number


def rules_of(subscription: Subscription) -> QuerySet[AutoLicence]:
    """Return the units in which a subscription in someone's scope assigns its licences by itself."""
    return AutoLicence.objects.filter(subscription=subscription).select_related("org_unit")


def automatic_for(person: User, subscriptions: QuerySet[Subscription], tree: Tree) -> dict[int, str]:
    """Return which of `subscriptions` a person gets a licence of by itself, and the path of the unit that says so."""
    above = [unit.pk for unit in tree.above(person.org_unit_id or tree.root.pk)]
    rules = AutoLicence.objects.filter(org_unit__in=above, subscription__in=subscriptions)
    return {pk: tree.path(unit) for pk, unit in rules.values_list("subscription", "org_unit")}


def kept_away_from(person: User, subscriptions: QuerySet[Subscription]) -> set[int]:
    """Return of which of `subscriptions` automatic assignment leaves a person out, by their ids."""
    away = Licence.objects.filter(user=person, stays_away=True, subscription__in=subscriptions)
    return set(away.values_list("subscription", flat=True))


def left_out_of(people: QuerySet[User], subscription: Subscription) -> QuerySet[User]:
    """Return those of `people` whom the automatic assignment of a subscription leaves out."""
    return people.filter(
        Exists(Licence.objects.filter(subscription=subscription, user=OuterRef("pk"), stays_away=True))
    )


def held_by(person: User, subscriptions: QuerySet[Subscription]) -> set[int]:
    """Return of which of `subscriptions` a person has a licence, by their ids."""
    held = Licence.objects.filter(user=person, revoked_at=None, subscription__in=subscriptions)
    return set(held.values_list("subscription", flat=True))
