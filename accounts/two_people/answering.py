"""Another super admin answers a proposal; with only one left, the emergency way is open (R21)."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.authorisation import require_fresh_proof
from accounts.errors import Refused
from accounts.mail import post
from accounts.models import Customer, Proposal
from accounts.models.two_people import ProposalKind, ProposalStatus
from accounts.names import clean_text
from accounts.two_people.demands import super_admins_of, super_admins_of_late
from accounts.two_people.kinds import Overtaken, kinds
from accounts.two_people.mails import EMERGENCY
from accounts.two_people.proposing import lock_proposal, record_proposal, require_waiting, settle
from accounts.two_people.same_person import took_over


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a proposal. shown_once: what its kind shows only to the person who carried it out."""

    proposal: Proposal
    shown_once: str = ""


@transaction.atomic
def approve(*, actor: Actor, customer: Customer, proposal_id: int) -> Answered:
    """Approve what another super admin proposed, and do it: it is compared again with what is stored (R6).

    Where that was changed meanwhile nothing is done, and the proposal ends as overtaken. A second click of the same
    person changes nothing.

    Raises Refused for one's own, where it waits no more, and where the rules refuse it now; PermissionDenied for
    anybody but a super admin; ProofNeeded where their last proof is too old (P13).
    """
    proposal = lock_proposal(actor, customer, proposal_id)
    if proposal.status == ProposalStatus.APPROVED and proposal.answered_by_id == actor.user.pk:
        return Answered(proposal)
    require_waiting(proposal)
    if proposal.author_id == actor.user.pk:
        raise Refused(_("You proposed this yourself. Another super admin has to approve it."), reason="forbidden")
    require_fresh_proof(actor)
    _refuse_account_of_author(proposal, actor)
    return _carry_out(proposal, actor, EventName.APPROVE_PROPOSAL, ProposalStatus.APPROVED)


@transaction.atomic
def reject(*, actor: Actor, customer: Customer, proposal_id: int, reason: str) -> Proposal:
    """Reject a proposal; its author is told why. A second click of the same person changes nothing.

    Raises Refused without a reason, for one's own, and where it waits no more; PermissionDenied as approve().
    """
    proposal = lock_proposal(actor, customer, proposal_id)
    if proposal.status == ProposalStatus.REJECTED and proposal.answered_by_id == actor.user.pk:
        return proposal
    require_waiting(proposal)
    if proposal.author_id == actor.user.pk:
        raise Refused(_("You proposed this yourself. Withdraw it instead."), reason="forbidden")
    settle(proposal, ProposalStatus.REJECTED, actor, clean_text(reason, "reason"))
    record_proposal(EventName.REJECT_PROPOSAL, proposal, actor, reason=proposal.answer)
    return proposal


@transaction.atomic
def decide_alone(*, actor: Actor, customer: Customer, proposal_id: int, reason: str) -> Answered:
    """Do what one proposed oneself, as the only super admin who is left: the emergency way, in effect at once.

    Everybody who was a super admin within 72 hours is told, also who is suspended or deleted. Raises Refused while
    there is another super admin, without a reason, for what always needs two, and where it waits no more;
    PermissionDenied as approve().
    """
    proposal = lock_proposal(actor, customer, proposal_id)
    if proposal.status == ProposalStatus.EMERGENCY and proposal.answered_by_id == actor.user.pk:
        return Answered(proposal)
    require_waiting(proposal)
    if kinds()[ProposalKind(proposal.kind)].always_two:
        raise Refused(_("This always needs two people. Nothing was changed."), reason="conditionNotMet")
    if not is_alone(customer):
        raise Refused(
            _("Your organisation has another super admin, who can approve this. Nothing was changed."),
            reason="conditionNotMet",
        )
    require_fresh_proof(actor)
    told = list(super_admins_of_late(customer).exclude(pk=actor.user.pk))
    answered = _carry_out(
        proposal,
        actor,
        EventName.EMERGENCY_CHANGE,
        ProposalStatus.EMERGENCY,
        clean_text(reason, "reason"),
        told=[person.email for person in told],
    )
    if proposal.status == ProposalStatus.EMERGENCY:
        post.queue(EMERGENCY, told, about_id=proposal.pk)
    return answered


def is_alone(customer: Customer) -> bool:
    """Tell whether only one active super admin is left."""
    return super_admins_of(customer).count() == 1


def _carry_out(
    proposal: Proposal, actor: Actor, name: EventName, status: ProposalStatus, reason: str = "", **more: object
) -> Answered:
    kind = kinds()[ProposalKind(proposal.kind)]
    try:
        with transaction.atomic():
            shown_once = kind.carry_out(actor, proposal.customer, proposal.said)
    except Overtaken as overtaken:
        settle(proposal, ProposalStatus.OVERTAKEN, actor, str(overtaken.message))
        record_proposal(EventName.END_PROPOSAL, proposal, actor)
        return Answered(proposal)
    settle(proposal, status, actor, reason)
    more |= {"reason": reason} if reason else {}
    record_proposal(name, proposal, actor, **more)
    return Answered(proposal, shown_once)


def _refuse_account_of_author(proposal: Proposal, actor: Actor) -> None:
    """Refuse a person whose account the author could have taken over of late: that may be one person, not two."""
    if took_over(actor.user, by=proposal.author_id):
        raise Refused(
            _(
                "%(person)s, who proposed this, reset your password or changed your address within the last 72 hours."
                " Another super admin has to approve it."
            )
            % {"person": proposal.author_email},
            reason="conditionNotMet",
        )
