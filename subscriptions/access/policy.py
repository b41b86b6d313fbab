"""A customer's own rules for the access it gives: the longest, and what new resellers begin with (R16, R18)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.duration import duration_iso_string
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer
from accounts.permissions import Permission
from subscriptions.access.extent import Extent
from subscriptions.access.levels import OPENS
from subscriptions.models import AccessPolicy


def policy_of(customer: Customer) -> AccessPolicy:
    """Return a customer's rules; where it has set none, those of the original."""
    return AccessPolicy.objects.filter(customer=customer).first() or AccessPolicy(customer=customer)


def first_extent(customer: Customer) -> Extent:
    """Return how far a new reseller's console is opened; never longer than the longest access."""
    policy = policy_of(customer)
    lasts = [lasts for lasts in (policy.new_lasts, policy.longest) if lasts is not None]
    return Extent(policy.new_level, lasts=min(lasts, default=None))


@transaction.atomic
def change_access_policy(
    *, actor: Actor, customer: Customer, longest: timedelta | None, level: str, lasts: timedelta | None
) -> bool:
    """Save a customer's rules for access; what was given before stays as it is. Returns whether anything differs.

    longest: how long access may last at most; None: it may have no end.
    level, lasts: what a reseller begins with that never had access; lasts None: no end but the longest.
    Raises Refused for a level that is none or for more than the longest, PermissionDenied for anybody but a super
    admin (R5).
    """
    customer = lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    if level not in OPENS:
        raise Refused(_("Choose one of the levels."), "level")
    if longest is not None and lasts is not None and lasts > longest:
        raise Refused(_("New resellers cannot have access for longer than the longest."), "lasts")
    policy = policy_of(customer)
    before = _said(policy)
    policy.longest, policy.new_level, policy.new_lasts = longest, level, lasts
    if _said(policy) == before:
        return False
    AccessPolicy.objects.update_or_create(
        customer=customer, defaults={"longest": longest, "new_level": level, "new_lasts": lasts}
    )
    record_audit(
        EventName.CHANGE_ACCESS_POLICY,
        actor=actor,
        customer=customer.pk,
        subject=customer.name,
        old=before,
        new=_said(policy),
    )
    return True


def _said(policy: AccessPolicy) -> dict[str, object]:
    return {
        "longest_access": duration_iso_string(policy.longest) if policy.longest else None,
        "new_reseller_level": policy.new_level,
        "new_reseller_access": duration_iso_string(policy.new_lasts) if policy.new_lasts else None,
    }
