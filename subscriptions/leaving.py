"""What a person leaves behind that was bought: whoever is deleted gives its licences back."""

from __future__ import annotations

from django.db import transaction

from accounts import deleting
from accounts.actor import Actor
from accounts.models import User
from subscriptions import seats
from subscriptions.models import Licence


@transaction.atomic
def delete_user(*, actor: Actor | None, person: User) -> User:
    """Delete a customer's person and release its licences. Raises what accounts.deleting.delete_user does.

    Whoever may delete somebody may do this too, also where it may not assign licences: nobody pays for the deleted.
    """
    person = deleting.delete_user(actor=actor, person=person)
    held = Licence.objects.filter(user=person, revoked_at=None).select_related("subscription__sku").order_by("pk")
    for licence in held:
        seats.take(licence.subscription, [person.pk], actor=actor)
    return person
