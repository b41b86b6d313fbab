"""What a person leaves behind that was bought: whoever is deleted gives its licences back."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now

from accounts import deleting
from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.models import User
from subscriptions.models import Licence


@transaction.atomic
def delete_user(*, actor: Actor | None, person: User) -> User:
    """Delete a customer's person and release its licences. Raises what accounts.deleting.delete_user does.

    Whoever may delete somebody may do this too, also where it may not assign licences: nobody pays for the deleted.
    """
    person = deleting.delete_user(actor=actor, person=person)
    held = Licence.objects.filter(user=person, revoked_at=None)
    released = list(held.select_related("subscription__sku").order_by("pk"))
    held.update(revoked_at=Now())
    record_many(
        event(
            EventName.USER_LICENSE_REVOKE,
            actor=actor,
            customer=person.customer_id,
            subject=person.email,
            old={"SKU_NAME": licence.subscription.sku.name},
        )
        for licence in released
    )
    return person
