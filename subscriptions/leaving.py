"""What goes with a person or a unit: the deleted give their licences back, and a unit that gives some stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from django.db import transaction
from django.utils.translation import ngettext

from accounts.actor import Actor
from accounts.directory import deleting, org_units
from accounts.directory.rules import organisation_of
from accounts.directory.several import Decided
from accounts.locking import lock_customer, taking_away
from accounts.models import Customer, OrgUnit, User
from accounts.organisations import Organisation
from subscriptions import seats
from subscriptions.access.scope import subscriptions_in_console
from subscriptions.models import AutoLicence, Licence, Subscription


@taking_away()
def delete_user_with_licences(*, actor: Actor | None, person: User) -> User:
    """Delete a customer's person and release their licences. Raises Refused as delete_users() in deleting.py refuses.

    Anyone who may delete someone may do this too, also where they may not assign licences: nobody pays for the deleted.
    """
    ids = [person.pk]
    return delete_users_with_licences(actor=actor, organisation=organisation_of(person), people=ids).only()


@taking_away()
def delete_users_with_licences(*, actor: Actor | None, organisation: Organisation, people: Collection[int]) -> Decided:
    """Delete people of a customer and release their licences. people: their ids."""
    found = deleting.delete_users(actor=actor, organisation=organisation, people=people)
    held = Licence.objects.filter(user__in=found.done, revoked_at=None).order_by("pk")
    holders: dict[int, list[int]] = defaultdict(list)
    for subscription_id, user_id in held.values_list("subscription", "user"):
        holders[subscription_id].append(user_id)
    hidden = _hidden_from(actor, organisation, holders)
    for subscription in Subscription.objects.filter(pk__in=holders).select_related("sku").order_by("pk"):
        by = None if subscription.pk in hidden else actor
        seats.take(subscription, holders[subscription.pk], actor=by)
    return found


@transaction.atomic
def remove_org_unit(*, actor: Actor | None, unit: OrgUnit) -> None:
    """Delete a unit with nothing inside, also no automatic licence.

    Raises what accounts.directory.org_units.remove_org_unit does, with one list of everything that is inside.
    """
    # The lock of the verb below, taken first: nobody gives the unit automatic licences in between.
    lock_customer(unit.customer_id)
    number = AutoLicence.objects.filter(org_unit=unit).count()
    text = ngettext("%(number)s automatic licence", "%(number)s automatic licences", number)
    org_units.remove_org_unit(actor=actor, unit=unit, also_inside=[text % {"number": number}] if number else [])


def _hidden_from(actor: Actor | None, organisation: Organisation, released: Collection[int]) -> set[int]:
    """Return those of these subscriptions that an agent does not see, by their ids (R3, R14).

    The system releases those: an agent reads their own deeds (A4), and would read there what another reseller sold.
    """
    if actor is None or actor.user.reseller_id is None or not released or not isinstance(organisation, Customer):
        return set()
    seen = subscriptions_in_console(actor.user, organisation).values_list("pk", flat=True)
    return set(released) - set(seen)
