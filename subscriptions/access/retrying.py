"""What waits or failed, for the vendor's operators: the lists, and trying again (R9)."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.authorisation import authorise_operator
from accounts.locking import lock_customer
from subscriptions.access.desired import retry
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import Outcome


def overdue_changes() -> QuerySet[AccessChange]:
    """Return what should be in effect already and has not been settled by a worker."""
    return AccessChange.objects.filter(settled_at__isnull=True, due_at__lte=Now())


def failed_changes() -> QuerySet[AccessChange]:
    """Return what failed and was not asked for again since."""
    return AccessChange.objects.filter(outcome=Outcome.FAILED, generation=F("grant__generation"))


@transaction.atomic
def retry_by_operator(*, actor: Actor, change_id: int) -> list[AccessChange]:
    """Queue a failed change again for its customer; does nothing where it was retried or overtaken meanwhile (R9).

    What the customer desires stays as it is: only the newest change is queued again, and only
    while access is desired (retry). Raises Refused, with the reason, where it could only fail again, and
    PermissionDenied for anybody but a vendor operator.
    """
    change = AccessChange.objects.select_related("grant__customer").filter(pk=change_id).first()
    if change is not None:
        lock_customer(change.grant.customer)
    authorise_operator(actor)
    if change is None:
        return []
    grant = (
        AccessGrant.objects.select_for_update(of=("self",), no_key=True)
        .select_related("reseller", "subscription__sku")
        .get(pk=change.grant_id)
    )
    return retry(actor=actor, grant=grant)
