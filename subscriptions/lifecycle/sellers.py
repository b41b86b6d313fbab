"""Who may order, change and cancel: its seller decides which people (B2, B3, P4)."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.authorisation import authorise, person_now
from accounts.models import Customer, Reseller
from accounts.permissions import Permission
from subscriptions.access.scope import sales_relations_of
from subscriptions.models import Subscription
from subscriptions.seats import lock


def authorise_sale(actor: Actor | None, customer: Customer, reseller: Reseller | None) -> None:
    """Let through who may act on what `customer` has from this seller, as the database knows them now (P8, R11).

    From the vendor (reseller None): the customer's super admins. From a reseller: its own people who sell to this
    customer, whatever the access switch says; the customer's admins only look at it (B2). The system may always.
    Raises PermissionDenied.
    """
    if actor is None:
        return
    if reseller is None:
        authorise(actor, Permission.MANAGE_SUBSCRIPTIONS, customer)
        return
    person = person_now(actor)
    if person.reseller_id != reseller.pk or not sales_relations_of(person).filter(customer=customer).exists():
        raise PermissionDenied(_("Your role does not allow this."))


def locked_for_sale(actor: Actor | None, subscription: Subscription) -> Subscription:
    """Return the subscription locked and as it is now, for its seller's people. Raises PermissionDenied."""
    subscription = lock(subscription)
    authorise_sale(actor, subscription.customer, subscription.reseller)
    return subscription
