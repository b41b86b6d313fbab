"""A person lost all their second factors (P12): two super admins together, or the vendor's operator, reset them.

After 24 hours in which the person and their admins can cancel it. The reset ends the person's sessions. They sign in
with their password then, and add another factor before anything else opens: their days of grace do not begin again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise, authorise_operator, authorise_reseller, holds, require_fresh_proof
from accounts.clock import database_now
from accounts.console_sessions.browser_sessions import end_sessions
from accounts.database.time_limits import sweep_transaction
from accounts.directory.rules import lock_person
from accounts.errors import Refused
from accounts.factors import factor_of, factors_of
from accounts.locking import lock_customer, taking_away
from accounts.mail import post
from accounts.models import Address, Customer, FactorReset, Proposal, User
from accounts.models.lost_factors import ResetStatus
from accounts.models.two_people import ProposalKind
from accounts.names import clean_text, isolated
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.sign_in.factor_mails import FACTOR_CHANGED
from accounts.two_people.demands import super_admins_of
from accounts.two_people.kinds import Kind, Said
from accounts.two_people.proposing import propose
from accounts.two_people.reading import waiting_proposals_of

# Long enough for someone who looks at their mail once a day.
WAIT: Final = timedelta(hours=24)
REASON_AT_MOST: Final = 300
# Resets that one transaction of the sweep carries out.
BATCH: Final = 50


def waiting_resets() -> QuerySet[FactorReset]:
    """Return the resets that wait, the one that is due first in front."""
    found = FactorReset.objects.filter(status=ResetStatus.WAITING)
    return found.select_related("person__customer", "person__reseller").order_by("due_at", "pk")


def waiting_resets_of_operators() -> QuerySet[FactorReset]:
    """Return those that the vendor has begun; of what two super admins decided among themselves it sees nothing."""
    vendors = Address.objects.filter(user__is_vendor=True).values("email")
    return waiting_resets().filter(Q(begun_by_email="") | Q(begun_by_email__in=vendors))


def reset_of(person: User) -> FactorReset | None:
    """Return the reset that waits for a person; None where there is none."""
    return waiting_resets().filter(person=person).first()


def proposal_about(person: User) -> Proposal | None:
    """Return the proposal that waits for another super admin; None where there is none."""
    if person.customer is None:
        return None
    waiting = waiting_proposals_of(person.customer).filter(kind=ProposalKind.LOST_FACTOR)
    return waiting.filter(said__person=person.pk).first()


@transaction.atomic
def propose_reset(*, actor: Actor, person: User, reason: str) -> Proposal:
    """Let a super admin propose to reset the lost factor of a person of their customer; another one approves it (R21).

    Whatever else the customer demands two people for. Raises Refused for oneself, for a person without a factor, while
    one waits, without a reason, and where no other super admin is there; ProofNeeded (P13); PermissionDenied.
    """
    if person.customer_id is None or person.customer_id != actor.user.customer_id:
        raise PermissionDenied(_("Your role does not allow this."))
    customer = lock_customer(person.customer_id)
    authorise(actor, Permission.ASSIGN_ROLES, customer)
    _require_lost(actor, person)
    if proposal_about(person) is not None:
        raise Refused(_("This was proposed already, and waits for another super admin."), reason="conditionNotMet")
    reason = clean_text(reason, "reason", REASON_AT_MOST)
    if not super_admins_of(customer).exclude(pk__in=[actor.user.pk, person.pk]).exists():
        raise Refused(
            _("No other super admin could approve this. Ask %(vendor)s.") % {"vendor": settings.VENDOR_NAME},
            reason="conditionNotMet",
        )
    require_fresh_proof(actor)
    said = {"person": person.pk, "reason": reason}
    kind = ProposalKind.LOST_FACTOR
    return propose(actor=actor, customer=customer, kind=kind, subject=person.email, said=said)


@transaction.atomic
def begin_reset(*, actor: Actor | None, person: User, reason: str) -> FactorReset:
    """Begin the reset of a person's lost factor, as an operator of the vendor; it waits 24 hours like any other.

    Raises Refused for oneself, for a person without a factor, while one waits, and without a reason; ProofNeeded.
    """
    authorise_operator(actor)
    person = lock_person(person)
    _require_lost(actor, person)
    reason = clean_text(reason, "reason", REASON_AT_MOST)
    require_fresh_proof(actor)
    return _begin(actor, person, reason)


@taking_away()
def cancel_reset(*, actor: Actor | None, person: User) -> bool:
    """Cancel a reset while it waits: the person themselves, an admin of their organisation, or an operator.

    Returns False where none waits. Raises PermissionDenied for anybody else.
    """
    _require_concerned(actor, person)
    changed = waiting_resets().filter(person=person).order_by()
    if not changed.update(
        status=ResetStatus.CANCELLED, settled_at=Now(), settled_by_email=actor.user.email if actor else ""
    ):
        return False
    _record(EventName.CANCEL_FACTOR_RESET, actor, person)
    return True


def due_resets() -> Iterator[int]:
    """Carry out the resets whose 24 hours are over, some at a time; yields how many each time."""
    while done := carry_out_due(actor=None):
        yield done


@sweep_transaction()
def carry_out_due(*, actor: None) -> int:
    """Take the factors and sessions of those whose 24 hours are over; returns of how many. Any number may run it."""
    due = FactorReset.objects.filter(status=ResetStatus.WAITING, due_at__lte=Now()).order_by("due_at", "pk")
    rows = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("person")[:BATCH])
    for row in rows:
        person = User.objects.select_for_update(no_key=True).get(pk=row.person_id)
        old = sorted({str(factor_of(factor.type)) for factor in factors_of(person)})
        Authenticator.objects.filter(user_id=person.pk).delete()
        person.must_enrol_factor = True
        person.save(update_fields=["must_enrol_factor"])
        end_sessions([person])
        row.status, row.settled_at = ResetStatus.DONE, database_now()
        row.save(update_fields=["status", "settled_at"])
        _record(EventName.RESET_FACTOR, actor, person, old={"second_factor": old}, new={"reason": row.reason})
    return len(rows)


def _begin(actor: Actor | None, person: User, reason: str) -> FactorReset:
    reset = FactorReset.objects.create(
        person=person,
        reason=reason,
        begun_by_email=actor.user.email if actor else "",
        due_at=database_now() + WAIT,
    )
    _record(EventName.BEGIN_FACTOR_RESET, actor, person, new={"reason": reason, "due_at": reset.due_at.isoformat()})
    return reset


def _require_lost(actor: Actor | None, person: User) -> None:
    words = {"person": isolated(person.name)}
    if actor is not None and actor.user.pk == person.pk:
        raise Refused(_("This is your own second factor. Others have to decide about it."), reason="forbidden")
    if not factors_of(person).exists():
        raise Refused(_("%(person)s has no second factor.") % words, reason="conditionNotMet")
    if reset_of(person) is not None:
        raise Refused(_("A reset of the second factor of %(person)s waits already.") % words, reason="conditionNotMet")


def _require_concerned(actor: Actor | None, person: User) -> None:
    if actor is None or actor.user.pk == person.pk or holds(actor, Role.VENDOR_OPERATOR):
        return
    if person.customer is not None:
        authorise(actor, Permission.ASSIGN_ROLES, person.customer)
    elif person.reseller_id is not None:
        authorise_reseller(actor, (Role.RESELLER_ADMIN,), person.reseller_id)
    else:
        raise PermissionDenied(_("Your role does not allow this."))


def _record(name: EventName, actor: Actor | None, person: User, *, old: object = None, new: object = None) -> None:
    """Write the event, and tell the person by mail at once: it may not have been they who asked."""
    customer = person.customer_id
    written = record_audit(name, actor=actor, customer=customer, subject=person.email, target=person, old=old, new=new)
    post.queue(FACTOR_CHANGED, [person], about_id=written.pk)


def _says(_actor: Actor, customer: Customer, said: Said) -> list[str]:
    person = _person(customer, said)
    words = {"person": isolated(person.name), "email": person.email, "reason": isolated(said["reason"])}
    return [
        _("After 24 hours %(person)s (%(email)s) has no second factor, is signed out and must add one.") % words,
        _("Until then %(person)s and every super admin can cancel it; they are told at once.") % words,
        _("Reason: %(reason)s") % words,
    ]


def _carry_out(actor: Actor, customer: Customer, said: Said) -> str:
    person = _person(customer, said)
    _require_lost(actor, person)
    _begin(actor, person, said["reason"])
    return ""


def _person(customer: Customer, said: Said) -> User:
    person = User.objects.filter(pk=said["person"], customer=customer, deleted_at=None).first()
    if person is None:
        raise Refused(_("This person was deleted meanwhile."), reason="notFound")
    return person


KINDS = {ProposalKind.LOST_FACTOR: Kind(_says, _carry_out, always_two=True)}
