"""What a person leaves behind that was bought: anyone who is deleted gives its licences back."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.actor import Actor
from accounts.directory import deleting
from accounts.locking import taking_away
from accounts.models import Customer, User
from subscriptions import seats
from subscriptions.access.scope import subscriptions_in_console
from subscriptions.models import Licence


@taking_away()
def delete_user(*, actor: Actor | None, person: User) -> User:
    """Delete a customer's person and release its licences. Raises what accounts.directory.deleting.delete_user does.

    Anyone who may delete someone may do this too, also where it may not assign licences: nobody pays for the deleted.
    """
    person = deleting.delete_user(actor=actor, person=person)
    held = Licence.objects.filter(user=person, revoked_at=None).select_related("subscription__sku").order_by("pk")
    released = list(held)
    hidden = _hidden_from(actor, person.customer, released) if actor and person.customer else set[int]()
    for licence in released:
        by = None if licence.subscription_id in hidden else actor
        seats.take(licence.subscription, [person.pk], actor=by)
    return person


def _hidden_from(actor: Actor, customer: Customer, released: Sequence[Licence]) -> set[int]:
    """Return the subscriptions of these licences that an agent does not see, by their ids (R3, R14).

    The system releases those: an agent reads its own deeds (A4), and would read there what another reseller sold.
    """
    if actor.user.reseller_id is None or not released:
        return set()
    seen = subscriptions_in_console(actor.user, customer).values_list("pk", flat=True)
    return {licence.subscription_id for licence in released} - set(seen)
