"""Finding a support partner by the address of its verifier, without giving anything away (S3, S10).

An address answers only where it is exactly that of an active person of a live reseller who may verify.
Every other address, known or not, gets the same answer after the same queries.
"""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise
from accounts.directory.addresses import reaches
from accounts.domains import canonical_email
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer, Reseller, RoleAssignment, User
from accounts.permissions import Permission
from accounts.roles import SUPPORT_ROLES
from support.models import LookUp

# S10. Enough for an admin who types badly, too few to try a list of addresses.
LOOK_UPS_PER_ADMIN = 20
# As many as five admins have. Nothing is counted for all customers together: one would use it up for the others.
LOOK_UPS_PER_CUSTOMER = 100
PERIOD = timedelta(hours=1)


def may_verify(email: str) -> User | None:
    """Return who may confirm support relationships under exactly this address, their own or an alias (S4, S10)."""
    holds_role = RoleAssignment.objects.filter(user=OuterRef("pk"), role__in=SUPPORT_ROLES)
    people = User.objects.filter(reaches(email), is_active=True, reseller__suspended_at=None)
    return people.filter(Exists(holds_role), reseller__isnull=False).select_related("reseller").first()


def look_up(*, actor: Actor, customer: Customer, email: str) -> Reseller | None:
    """Return the partner whose verifier has this address. Raises as `find_verifier`."""
    verifier = find_verifier(actor=actor, customer=customer, email=email)
    return verifier.reseller if verifier else None


@transaction.atomic
def find_verifier(*, actor: Actor, customer: Customer, email: str) -> User | None:
    """Return who may verify under this address: counted and audited, whatever the answer is (S10).

    Raises Refused beyond the limits, PermissionDenied for anybody but a support manager (S2).
    """
    # Counting and adding are one step for the admins of a customer; other customers do not wait.
    lock_customer(customer)
    authorise(actor, Permission.MANAGE_SUPPORT_PARTNERS, customer)
    _count(actor, customer)
    verifier = may_verify(email)
    partner = verifier.reseller.name if verifier and verifier.reseller else None
    record_audit(
        EventName.SUPPORT_PARTNER_LOOKED_UP,
        actor=actor,
        customer=customer,
        subject=_canonical(email),
        new={"partner": partner},
    )
    return verifier


def _count(actor: Actor, customer: Customer) -> None:
    recent = LookUp.objects.filter(at__gt=Now() - PERIOD)
    if (
        recent.filter(looked_up_by=actor.user).count() >= LOOK_UPS_PER_ADMIN
        or recent.filter(looked_up_by__customer=customer).count() >= LOOK_UPS_PER_CUSTOMER
    ):
        raise Refused(_("Too many look-ups. Try again in an hour."), "verifier_email", reason="conditionNotMet")
    LookUp.objects.create(looked_up_by=actor.user)


def _canonical(text: str) -> str:
    try:
        return canonical_email(text)
    except ValidationError:
        return ""
