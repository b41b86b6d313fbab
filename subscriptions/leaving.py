"""What goes with a person or a unit: the deleted give their licences back, and a unit that gives some stays."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import ngettext

from accounts.actor import Actor
from accounts.directory import deleting, org_units
from accounts.locking import lock_customer, taking_away
from accounts.models import Customer, OrgUnit, User
from subscriptions import seats
from subscriptions.access.scope import subscriptions_in_console
from subscriptions.models import AutoLicence, Licence


@taking_away()
def delete_user_with_licences(*, actor: Actor | None, person: User) -> User:
    """Delete a customer's person and release its licences. Raises what accounts.directory.deleting.delete_user does.

    Anyone who may delete someone may do this too, also where they may not assign licences: nobody pays for the deleted.
    """
    person = deleting.delete_user(actor=actor, person=person)
    held = Licence.objects.filter(user=person, revoked_at=None).select_related("subscription__sku").order_by("pk")
    released = list(held)
    hidden = _hidden_from(actor, person.customer, released) if actor and person.customer else set[int]()
    for licence in released:
        by = None if licence.subscription_id in hidden else actor
        seats.take(licence.subscription, [person.pk], actor=by)
    return person


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


def _hidden_from(actor: Actor, customer: Customer, released: Sequence[Licence]) -> set[int]:
    """Return the subscriptions of these licences that an agent does not see, by their ids (R3, R14).

    The system releases those: an agent reads their own deeds (A4), and would read there what another reseller sold.
    """
    if actor.user.reseller_id is None or not released:
        return set()
    seen = subscriptions_in_console(actor.user, customer).values_list("pk", flat=True)
    return {licence.subscription_id for licence in released} - set(seen)
