"""A super admin's save waits for another one, and is taken back (R21). The answer is answering.py."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_many
from accounts.authorisation import authorise
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer, PastSuperAdmin, Proposal, User
from accounts.models.two_people import ProposalKind, ProposalStatus
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.two_people.demands import LIFETIME
from accounts.two_people.kinds import Said
from accounts.two_people.reading import proposals_of, waiting_proposals_of


def propose(*, actor: Actor, customer: Customer, kind: ProposalKind, subject: str, said: Said) -> Proposal:
    """Let what a super admin saves wait 72 hours for another one; the others are told.

    Part of the verb that would have done it, which has locked and authorised, and has checked what is proposed.
    subject: what it is about, for people. said: what is to be done, as plain values of its kind.
    The same from the same person, while it waits, is one proposal.
    """
    same = waiting_proposals_of(customer).filter(author=actor.user, kind=kind, said=said).first()
    if same is not None:
        return same
    now = database_now()
    proposal = Proposal.objects.create(
        customer=customer,
        kind=kind,
        said=said,
        subject=subject[:300],
        author=actor.user,
        author_email=actor.user.email,
        made_at=now,
        expires_at=now + LIFETIME,
    )
    record_proposal(EventName.PROPOSE_CHANGE, proposal, actor)
    return proposal


@transaction.atomic
def withdraw(*, actor: Actor, customer: Customer, proposal_id: int) -> Proposal:
    """Take one's own proposal back while it waits; a second click changes nothing.

    Raises Refused where it was answered or is over, and for another person's; PermissionDenied for anybody but a super
    admin.
    """
    proposal = lock_proposal(actor, customer, proposal_id)
    if proposal.author_id != actor.user.pk:
        raise Refused(_("Only the person who proposed this can withdraw it. You can reject it."), reason="forbidden")
    if proposal.status == ProposalStatus.WITHDRAWN:
        return proposal
    require_waiting(proposal)
    settle(proposal, ProposalStatus.WITHDRAWN, actor)
    record_proposal(EventName.WITHDRAW_PROPOSAL, proposal, actor)
    return proposal


def end_as_super_admin(actor: Actor | None, person: User) -> None:
    """Note that a person is no active super admin any more: what they proposed ends. Part of the verbs that make it so.

    Does nothing for anybody else. Called while they still are one; the customer is locked.
    """
    if person.customer is None or not person.is_active or Role.SUPER_ADMIN not in person.roles:
        return
    PastSuperAdmin.objects.create(customer=person.customer, person=person)
    ended = list(waiting_proposals_of(person.customer).filter(author=person))
    if not ended:
        return
    now = database_now()
    Proposal.objects.filter(pk__in=[proposal.pk for proposal in ended]).update(
        status=ProposalStatus.LAPSED, answered_at=now
    )
    record_many(
        event(
            EventName.END_PROPOSAL,
            actor=actor,
            customer=proposal.customer_id,
            subject=proposal.subject,
            target=proposal,
            new=said_of(proposal),
            about_id=proposal.pk,
        )
        for proposal in ended
    )


def lock_proposal(actor: Actor, customer: Customer, proposal_id: int) -> Proposal:
    """Return a proposal as it is now, behind the customer's lock. Raises Refused, PermissionDenied."""
    lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    proposal = proposals_of(customer).filter(pk=proposal_id).first()
    if proposal is None:
        raise Refused(_("This proposal does not exist."), reason="notFound")
    return proposal


def require_waiting(proposal: Proposal) -> None:
    """Raise Refused for a proposal that cannot be answered any more, and say what became of it."""
    if proposal.status_now == ProposalStatus.WAITING:
        return
    answers = {
        ProposalStatus.APPROVED: _("This proposal has been approved already, by %(person)s."),
        ProposalStatus.EMERGENCY: _("This was decided already, in an emergency, by %(person)s."),
        ProposalStatus.REJECTED: _("This proposal has been rejected already, by %(person)s."),
        ProposalStatus.WITHDRAWN: _("This proposal was withdrawn by its author. Nothing was changed."),
        ProposalStatus.EXPIRED: _("This proposal waited 72 hours and is over. It can be made again."),
        ProposalStatus.LAPSED: _("The author of this is no longer a super admin, so the proposal is over."),
        ProposalStatus.OVERTAKEN: _("This proposal was overtaken by another change. It can be made again."),
    }
    raise Refused(
        answers[ProposalStatus(proposal.status_now)] % {"person": proposal.answered_by_email}, reason="conditionNotMet"
    )


def settle(proposal: Proposal, status: ProposalStatus, actor: Actor, answer: str = "") -> None:
    """Write down what became of a proposal."""
    proposal.status = proposal.status_now = status
    proposal.answered_by, proposal.answered_by_email = actor.user, actor.user.email
    proposal.answered_at, proposal.answer = database_now(), answer
    proposal.save(update_fields=["status", "answered_by", "answered_by_email", "answered_at", "answer"])


def record_proposal(name: EventName, proposal: Proposal, actor: Actor, **more: object) -> None:
    """Write an event about a proposal: who made it, what it is, and what is said to it."""
    record_audit(
        name,
        actor=actor,
        customer=proposal.customer_id,
        subject=proposal.subject,
        target=proposal,
        new=said_of(proposal) | more,
        about_id=proposal.pk,
    )


def said_of(proposal: Proposal) -> dict[str, object]:
    """Return what the audit log says of a proposal."""
    return {"proposal": proposal.kind, "proposed_by": proposal.author_email}
