"""Licences for several people at once, where what cannot be done for one holds up nobody else.

The verbs for all or none are licensing.py, and these end in them: what is decided here is only for whom they would
refuse, and why.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.directory.several import GONE, Outcomes
from accounts.errors import Refused
from accounts.models import User
from accounts.names import isolated
from subscriptions import licensing, seats
from subscriptions.models import Licence, Subscription


@transaction.atomic
def assign_to_several(
    *, actor: Actor | None, subscription: Subscription, people: Collection[int], switch: bool = False
) -> Outcomes:
    """Assign a licence to each of `people` who can have one, in this order, until no seat is free.

    Raises what assign_licences() raises about the subscription itself: Refused, PermissionDenied.
    """
    subscription = licensing.locked_in_scope(actor, subscription)
    found = assigning(actor, subscription, people, switch=switch)
    chosen = User.objects.filter(pk__in=found.done)
    licensing.assign_licences(actor=actor, subscription=subscription, people=chosen, switch=switch)
    return found


@transaction.atomic
def revoke_from_several(
    *, actor: Actor | None, subscription: Subscription, people: Collection[int], stays_away: bool = False
) -> Outcomes:
    """Revoke the licences of those of `people` who have one. Raises what revoke_licences() raises."""
    subscription = licensing.locked_in_scope(actor, subscription)
    found = revoking(subscription, people)
    chosen = User.objects.filter(pk__in=found.done)
    licensing.revoke_licences(actor=actor, subscription=subscription, people=chosen, stays_away=stays_away)
    return found


def assigning(
    actor: Actor | None, subscription: Subscription, people: Collection[int], *, switch: bool = False
) -> Outcomes:
    """Return what would become of an assignment to each of `people`. Raises Refused as the verb does."""
    licensing.require_active(subscription)
    living = User.objects.filter(customer=subscription.customer_id, deleted_at=None, pk__in=people)
    names = dict(living.values_list("pk", "name"))
    held = licensing.held_of_the_product(subscription, living)
    hidden = licensing.hidden_from(actor, subscription, set(held.values()))
    free, found = seats.free(subscription), Outcomes()
    for pk in dict.fromkeys(people):
        if pk not in names:
            found.refused[pk] = Refused(GONE, reason="notFound")
        elif held.get(pk) == subscription.pk:
            continue
        elif pk in held and not switch:
            text = _("%(person)s has another licence of %(product)s, and a person has one at most.")
            values = {"person": isolated(names[pk]), "product": subscription.sku.product.name}
            found.refused[pk] = Refused(text % values, reason="conditionNotMet")
        elif held.get(pk) in hidden:
            found.refused[pk] = Refused(licensing.not_managed(isolated(names[pk])), reason="conditionNotMet")
        elif free is not None and len(found.done) >= free:
            found.refused[pk] = Refused(
                _("No seat of this subscription is free. Get more seats, or revoke licences."), reason="conditionNotMet"
            )
        else:
            found.done.append(pk)
    return found


def revoking(subscription: Subscription, people: Collection[int]) -> Outcomes:
    """Return who of `people` has a licence to revoke; there is nothing to do with the others."""
    held = Licence.objects.filter(
        subscription=subscription, revoked_at=None, user__in=people, customer=subscription.customer_id
    )
    having = set(held.values_list("user", flat=True))
    return Outcomes(done=[pk for pk in dict.fromkeys(people) if pk in having])
