"""Support partners: who may handle support for which service of a customer (S1 to S5, S7, S8, S9)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise, person_now
from accounts.clock import database_now
from accounts.errors import Duplicate, Refused
from accounts.locking import lock_customer, taking_away
from accounts.mail import post
from accounts.models import Customer, Reseller, User
from accounts.permissions import Permission
from subscriptions.access.relation import begin_contract, end_contract
from support.assignments import LINK_LIFETIME, can_be_decided, contracts_in, hash_of, is_live, open_request
from support.look_up import find_verifier, may_verify
from support.mail_kinds import MailKind
from support.models import SupportAssignment
from support.models.partner import AssignmentStatus, Service
from support.schedule import has_moved

# How often the verifier's mail may be asked for, the first one included.
MAILS_AT_MOST = 5


def assign_support_partner(
    *, actor: Actor, customer: Customer, service: Service, reseller: Reseller, verifier_email: str
) -> SupportAssignment:
    """Ask a partner's verifier to confirm that the partner handles support for a service (S3, S4).

    The address counts as a look-up, also where it is refused (S10): otherwise this form would be a way
    around the limit. That is a transaction of its own, in front of the one that assigns.

    Raises Refused where the service has a live partner already (S2), where the address cannot verify for
    this partner, and where the customer has moved to the Customer Care Portal (S9); PermissionDenied for
    anybody but a support manager.
    """
    verifier = find_verifier(actor=actor, customer=customer, email=verifier_email)
    if verifier is None or verifier.reseller_id != reseller.pk:
        raise Refused(_("Nobody with this address can confirm for this partner."), "verifier_email", reason="notFound")
    return _assign(actor, customer, service, reseller, verifier)


@transaction.atomic
def _assign(
    actor: Actor, customer: Customer, service: Service, reseller: Reseller, verifier: User
) -> SupportAssignment:
    _begin(actor, customer)
    if has_moved(customer):
        raise Refused(
            _("Your support contracts are in the Customer Care Portal. Add a contract there."), reason="conditionNotMet"
        )
    _settle_expired(customer)
    if SupportAssignment.objects.filter(is_live(), customer=customer, service=service).exists():
        raise Refused(_("This service has a support partner. Remove it first."), "service", reason="conditionNotMet")
    now = database_now()
    assignment = SupportAssignment.objects.create(
        customer=customer,
        service=service,
        reseller=reseller,
        verifier=verifier,
        status=AssignmentStatus.PENDING,
        requested_by=actor.user,
        requested_at=now,
        expires_at=now + LINK_LIFETIME,
        mails_sent=1,
    )
    _send_link(assignment)
    _record(EventName.SUPPORT_PARTNER_ASSIGNED, assignment, actor, old=None, verifier=verifier.email)
    return assignment


@transaction.atomic
def resend_verification(*, actor: Actor, customer: Customer, assignment_id: int) -> SupportAssignment:
    """Send a new link with 14 new days; the one before stops working. Raises Refused beyond the limit."""
    _begin(actor, customer)
    assignment = _locked(customer, assignment_id)
    if not can_be_decided(assignment, database_now()):
        raise Refused(_("This request is no longer open."), reason="conditionNotMet")
    if assignment.mails_sent >= MAILS_AT_MOST:
        raise Refused(
            _("The mail was sent as often as is allowed. Withdraw the request and assign again."),
            reason="conditionNotMet",
        )
    assignment.token_hash = None
    assignment.mails_sent += 1
    assignment.expires_at = database_now() + LINK_LIFETIME
    assignment.save(update_fields=["token_hash", "mails_sent", "expires_at"])
    _send_link(assignment)
    _record(EventName.SUPPORT_PARTNER_VERIFICATION_RESENT, assignment, actor, old=assignment.status)
    return assignment


@taking_away()
def withdraw_request(*, actor: Actor, customer: Customer, assignment_id: int) -> SupportAssignment | None:
    """Take a request back before the verifier decides. Returns None where there was nothing to take back."""
    _begin(actor, customer)
    assignment = _locked(customer, assignment_id)
    if not can_be_decided(assignment, database_now()):
        return None
    _end(assignment, AssignmentStatus.WITHDRAWN, EventName.SUPPORT_PARTNER_WITHDRAWN, actor)
    return assignment


@taking_away()
def remove_support_partner(*, actor: Actor, customer: Customer, assignment_id: int) -> SupportAssignment | None:
    """End the relation at once: nothing more reaches the partner (S7). Returns None where it had ended before.

    With the last contract of a partner its console ends too, where it has sold nothing (R19).
    """
    _begin(actor, customer)
    assignment = _locked(customer, assignment_id)
    if assignment.status != AssignmentStatus.ACTIVE:
        return None
    _end(assignment, AssignmentStatus.REMOVED, EventName.SUPPORT_PARTNER_REMOVED, actor)
    if not contracts_in(customer).filter(reseller=assignment.reseller).exists():
        end_contract(customer=customer, reseller=assignment.reseller)
    return assignment


@transaction.atomic
def decide_by_link(*, actor: Actor, token: str, confirm: bool) -> SupportAssignment:
    """Confirm or decline as the verifier the link was sent to (S4).

    Raises Refused as `decide` does, and where the link is used or replaced by a newer one.
    """
    refused = Refused(_("This link does not work any more."), reason="notFound")
    found = open_request(token, actor.user)
    if found is None:
        raise refused
    lock_customer(found.customer)
    if _locked(found.customer, found.pk).token_hash != hash_of(token):
        raise refused
    try:
        return decide(actor=actor, assignment_id=found.pk, confirm=confirm)
    except Refused as error:
        raise refused from error


@transaction.atomic
def decide(*, actor: Actor, assignment_id: int, confirm: bool) -> SupportAssignment:
    """Confirm or decline a request as the verifier it names; the person who asked is told by mail (S4).

    Raises Refused where the request is decided, expired or withdrawn, where another person is signed in, and where
    the verifier may verify no more (P8, R13).
    """
    refused = Refused(_("This request is no longer open, or it is not yours to confirm."), reason="conditionNotMet")
    found = SupportAssignment.objects.select_related("customer").filter(pk=assignment_id, verifier=actor.user).first()
    if found is None:
        raise refused
    lock_customer(found.customer)
    assignment = _locked(found.customer, found.pk)
    verifier = may_verify(actor.user.email)
    is_open = can_be_decided(assignment, database_now())
    if not is_open or verifier is None or verifier.pk != assignment.verifier_id or verifier.pk != actor.user.pk:
        raise refused
    if confirm:
        _activate(assignment, actor, EventName.SUPPORT_PARTNER_VERIFIED)
    else:
        _end(assignment, AssignmentStatus.DECLINED, EventName.SUPPORT_PARTNER_DECLINED, actor)
    post.queue(MailKind.ASSIGNMENT_DECIDED, [assignment.requested_by], about_id=assignment.pk)
    return assignment


@transaction.atomic
def create_contract(
    *, actor: Actor, customer: Customer, service: Service, reseller: Reseller, opens_console: bool
) -> SupportAssignment:
    """Make a support contract in the Customer Care Portal: active at once, without the partner's approval (S9).

    There may be several per service, but one of each partner; a request to it that is still open is withdrawn.
    opens_console: what a super admin decides about the console (S12); where the partner has a switch on the page
    Reseller access already, that goes on to decide.
    Raises Refused where there is one, or where the customer has not moved yet; PermissionDenied where another person
    than a super admin wants to open the console.
    """
    _begin(actor, customer)
    if opens_console:
        authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    if not has_moved(customer):
        raise Refused(
            _("Your organisation has not moved to the Customer Care Portal yet. Assign a support partner."),
            reason="conditionNotMet",
        )
    if not Reseller.objects.filter(pk=reseller.pk, suspended_at=None).exists():
        raise Refused(_("This partner cannot take on support at the moment."), "partner", reason="conditionNotMet")
    _settle_expired(customer)
    same = SupportAssignment.objects.filter(is_live(), customer=customer, service=service, reseller=reseller)
    for live in same.select_for_update(of=("self",), no_key=True).select_related("reseller"):
        if live.status == AssignmentStatus.ACTIVE:
            raise Duplicate(_("There is a contract with this partner for this service already."), "partner")
        _end(live, AssignmentStatus.WITHDRAWN, EventName.SUPPORT_PARTNER_WITHDRAWN, actor)
    contract = SupportAssignment.objects.create(
        customer=customer,
        service=service,
        reseller=reseller,
        status=AssignmentStatus.ACTIVE,
        in_care_portal=True,
        requested_by=actor.user,
        active_since=database_now(),
    )
    _record(EventName.SUPPORT_PARTNER_ASSIGNED, contract, actor, old=None)
    decides = person_now(actor).has_perm(Permission.CHANGE_RESELLER_ACCESS, customer)
    begin_contract(actor=actor if decides else None, customer=customer, reseller=reseller, opens=opens_console)
    return contract


def _begin(actor: Actor, customer: Customer) -> None:
    lock_customer(customer)
    authorise(actor, Permission.MANAGE_SUPPORT_PARTNERS, customer)


def _locked(customer: Customer, assignment_id: int) -> SupportAssignment:
    assignment = (
        SupportAssignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("customer", "reseller", "verifier", "requested_by")
        .filter(customer=customer, pk=assignment_id)
        .first()
    )
    if assignment is None:
        raise Refused(_("This request does not exist."), reason="notFound")
    return assignment


def _settle_expired(customer: Customer) -> None:
    """Write down what the clock has already decided, so that the service is free for a new request (S8)."""
    past = SupportAssignment.objects.filter(customer=customer, status=AssignmentStatus.PENDING, expires_at__lte=Now())
    for assignment in past.select_for_update(of=("self",), no_key=True).select_related("reseller"):
        _end(assignment, AssignmentStatus.EXPIRED, EventName.SUPPORT_PARTNER_EXPIRED, None)


def _activate(assignment: SupportAssignment, actor: Actor, name: EventName) -> None:
    """Confirm a request. Confirmed after the move, it is a contract for cases until a super admin opens more (S12)."""
    old = assignment.status
    assignment.status = AssignmentStatus.ACTIVE
    assignment.active_since = database_now()
    assignment.token_hash = None
    assignment.in_care_portal = has_moved(assignment.customer)
    assignment.save(update_fields=["status", "active_since", "token_hash", "in_care_portal"])
    _record(name, assignment, actor, old=old)
    if assignment.in_care_portal:
        begin_contract(actor=None, customer=assignment.customer, reseller=assignment.reseller, opens=False)


def _end(assignment: SupportAssignment, status: AssignmentStatus, name: EventName, actor: Actor | None) -> None:
    old = assignment.status
    assignment.status = status
    assignment.ended_at = database_now()
    assignment.token_hash = None
    assignment.save(update_fields=["status", "ended_at", "token_hash"])
    _record(name, assignment, actor, old=old)


def _send_link(assignment: SupportAssignment) -> None:
    assert assignment.verifier is not None
    post.queue(MailKind.VERIFY_ASSIGNMENT, [assignment.verifier], about_id=assignment.pk)


def _record(
    name: EventName, assignment: SupportAssignment, actor: Actor | None, *, old: str | None, **new: Any
) -> None:
    record_audit(
        name,
        # A person who decides about a relation from outside is the support partner (S4).
        actor=actor.as_support_partner() if actor and actor.user.reseller_id else actor,
        customer=assignment.customer_id,
        subject=f"{assignment.get_service_display()} · {assignment.reseller.name}",
        target=assignment,
        old={"status": old} if old else None,
        new={"status": assignment.status, **new},
        about_id=assignment.pk,
    )
