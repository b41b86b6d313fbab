"""An agent activates access that is open only when needed, for hours and with a reason; who may approve does (R20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise, authorise_reseller, person_now, require_fresh_proof
from accounts.clock import database_now
from accounts.console_sessions.activations import is_lasting, is_waiting, lock_agent, with_number
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Activation, Customer, User
from accounts.models.activations import ActivationStatus, Approval
from accounts.moments import moment_in_log
from accounts.names import clean_text
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.two_people.same_person import took_over
from subscriptions.access.durations import HOUR, HOURS, duration_text
from subscriptions.access.policy import policy_of
from subscriptions.access.relation_status import access_of
from subscriptions.access.scope import relations_of
from subscriptions.models import AccessGrant

# How long an agent is inside without a break at most, and how long a request waits for its approval.
ON_END: Final = 24 * HOUR
WAITS: Final = 24 * HOUR
# From when on more time can be asked for.
BEFORE_THE_END: Final = timedelta(minutes=10)
_ANSWERED = ("status", "answered_at", "answered_by_email")
REASON_MAX_LENGTH, CASE_NUMBER_MAX_LENGTH = 300, 40


@transaction.atomic
def activate(*, actor: Actor, customer: Customer, lasts: timedelta, reason: str, case_number: str = "") -> Activation:
    """Activate access for oneself; at once, or after an approval, as the customer chose.

    lasts: one of HOURS, up to the customer's longest. A second click changes nothing: an agent who is inside, or waits,
    stays so. Raises Refused where the console is not open on request, and for what cannot be chosen.
    """
    customer, relation, now = _begin(actor, customer)
    found = lasting_or_waiting(actor.user, relation)
    if found is not None:
        return found
    return _ask(actor, relation, _checked(customer, lasts, reason, case_number), now)


@transaction.atomic
def give_more_time(
    *, actor: Actor, customer: Customer, lasts: timedelta, reason: str, case_number: str = ""
) -> Activation:
    """Ask for more time, from ten minutes before the end on: a new request, with the same number (R20).

    The new hours begin where the running ones end, 24 hours on end at most. A second click changes nothing.
    Raises Refused as activate(), where it is too early, and beyond 24 hours.
    """
    customer, relation, now = _begin(actor, customer)
    found = lasting_or_waiting(actor.user, relation)
    if found is None:
        raise Refused(_("Your activation is over. Activate access again."), reason="conditionNotMet")
    if found.status == ActivationStatus.WAITING or (found.effective_from and found.effective_from > now):
        return found
    assert found.effective_until is not None
    if found.effective_until - now > BEFORE_THE_END:
        raise Refused(_("More time can be asked for in the last ten minutes."), reason="conditionNotMet")
    return _ask(actor, relation, _checked(customer, lasts, reason, case_number), now, found)


def lasting_or_waiting(agent: User, relation: AccessGrant) -> Activation | None:
    """Return what an agent has activated in the window that is in force, or waits to: the one that reaches furthest."""
    if relation.effective_from is None:
        return None
    theirs = Activation.objects.filter(
        customer=relation.customer_id, agent=agent, window_began=relation.effective_from
    ).select_related("first")
    return theirs.filter(is_waiting()).first() or theirs.filter(is_lasting()).order_by("-effective_until").first()


def rejected_last(agent: User, relation: AccessGrant) -> Activation | None:
    """Return what an agent asked for last, where that was rejected."""
    latest = Activation.objects.filter(customer=relation.customer_id, agent=agent).order_by("-pk").first()
    return latest if latest and latest.status == ActivationStatus.REJECTED else None


@transaction.atomic
def approve_activation(*, actor: Actor, customer: Customer, activation_id: int) -> Activation:
    """Let an activation begin that waits: a super admin, or another reseller admin, as the customer chose.

    A second click of the same person changes nothing. Raises Refused where it waits no more, and where it would open
    nothing; PermissionDenied for anybody who may not approve it, and for the agent; ProofNeeded where the last proof is
    too old (P13).
    """
    activation = _to_answer(actor, customer, activation_id)
    if activation.status == ActivationStatus.BEGUN and activation.answered_by_email == actor.user.email:
        return activation
    now = _require_waiting(activation)
    relation = _relation(activation.agent, activation.customer)
    if relation is None or relation.effective_from != activation.window_began:
        raise Refused(_("Access was closed or changed since. The agent activates it again."), reason="conditionNotMet")
    _require_on_request(relation)
    require_fresh_proof(actor)
    activation.answered_by_email, activation.answered_at = actor.user.email, now
    _let_begin(activation, now)
    activation.save(update_fields=[*_ANSWERED, "first", "effective_from", "effective_until"])
    _record(EventName.APPROVE_ACTIVATION, activation, actor)
    return activation


@transaction.atomic
def reject_activation(*, actor: Actor, customer: Customer, activation_id: int, reason: str) -> Activation:
    """Reject an activation that waits; the agent is told why. Raises as approve_activation(), and without a reason."""
    activation = _to_answer(actor, customer, activation_id)
    if activation.status == ActivationStatus.REJECTED and activation.answered_by_email == actor.user.email:
        return activation
    now = _require_waiting(activation)
    activation.answer = clean_text(reason, "reason", REASON_MAX_LENGTH)
    activation.status, activation.answered_at = ActivationStatus.REJECTED, now
    activation.answered_by_email = actor.user.email
    activation.save(update_fields=[*_ANSWERED, "answer"])
    _record(EventName.REJECT_ACTIVATION, activation, actor, answer=activation.answer)
    return activation


def activations_of(customer: Customer) -> QuerySet[Activation]:
    """Return every activation in a customer's console, the newest first."""
    return Activation.objects.filter(customer=customer).select_related("reseller", "agent", "first").order_by("-pk")


def activations_to_approve_at(customer: Customer) -> QuerySet[Activation]:
    """Return what waits for a super admin of this customer."""
    return activations_of(customer).filter(is_waiting(), approval=Approval.CUSTOMER)


def activations_to_approve_by(admin: User) -> QuerySet[Activation]:
    """Return what waits for this reseller admin: never their own (R20)."""
    waiting = Activation.objects.filter(is_waiting(), reseller=admin.reseller_id, approval=Approval.RESELLER)
    return waiting.exclude(agent=admin).select_related("customer", "agent", "first").order_by("pk")


def activations_ended_by(person: User, customer: Customer) -> QuerySet[Activation]:
    """Return what a reseller's person may end at a customer: their own, and as a reseller admin those of all agents."""
    activations = Activation.objects.filter(customer=customer, reseller=person.reseller_id)
    return activations if Role.RESELLER_ADMIN in person.roles else activations.filter(agent=person)


@dataclass(frozen=True, slots=True)
class Reach:
    """A running activation, how far it reaches with the time that was added, and whether more can be asked for."""

    activation: Activation
    until: datetime
    may_ask_for_more: bool


def reach_of(number: int) -> Reach | None:
    """Return how far the activation with that number reaches; None where it is over."""
    activation = Activation.objects.filter(with_number(number)).filter(is_lasting()).order_by("effective_until").last()
    if activation is None or activation.effective_until is None:
        return None
    return Reach(activation, activation.effective_until, activation.effective_until - database_now() <= BEFORE_THE_END)


def hours_to_choose(customer: Customer) -> list[timedelta]:
    """Return how long an agent may be inside at once."""
    return [hours for hours in HOURS if hours <= policy_of(customer).activation_longest]


def _begin(actor: Actor, customer: Customer) -> tuple[Customer, AccessGrant, datetime]:
    customer = lock_customer(customer)
    lock_agent(actor.user)
    relation = _relation(person_now(actor), customer)
    if relation is None:
        raise Refused(_("You do not work for this customer any more."), reason="forbidden")
    _require_on_request(relation)
    now = database_now()
    past = Activation.objects.filter(customer=customer, agent=actor.user, status=ActivationStatus.WAITING)
    past.filter(expires_at__lte=now).update(status=ActivationStatus.EXPIRED, answered_at=now)
    # One of an older window waits for what is gone.
    past.exclude(window_began=_window(relation)).update(status=ActivationStatus.EXPIRED, answered_at=now)
    return customer, relation, now


def _checked(customer: Customer, lasts: timedelta, reason: str, case_number: str) -> Activation:
    """Return the activation that is asked for, without its place. Raises Refused, which names the field."""
    policy = policy_of(customer)
    if lasts not in HOURS or lasts > policy.activation_longest:
        text = _("Choose one of the durations, %(longest)s at most.")
        raise Refused(text % {"longest": duration_text(policy.activation_longest)}, "lasts")
    case_number = case_number.strip()
    if len(case_number) > CASE_NUMBER_MAX_LENGTH:
        text = _("Write at most %(number)s characters.")
        raise Refused(text % {"number": CASE_NUMBER_MAX_LENGTH}, "case_number")
    return Activation(
        customer=customer,
        lasts=lasts,
        approval=policy.activation_approval,
        reason=clean_text(reason, "reason", REASON_MAX_LENGTH),
        case_number=case_number,
    )


def _ask(
    actor: Actor, relation: AccessGrant, activation: Activation, now: datetime, running: Activation | None = None
) -> Activation:
    activation.reseller_id, activation.agent = relation.reseller_id, actor.user
    activation.window_began = _window(relation)
    activation.asked_at, activation.expires_at = now, now + WAITS
    activation.first = (running.first or running) if running else None
    activation.status = ActivationStatus.WAITING
    if activation.approval == Approval.AT_ONCE:
        _let_begin(activation, now)
    elif activation.first is not None:
        _require_room(activation.first, now + activation.lasts)
    activation.save(force_insert=True)
    begins = activation.status == ActivationStatus.BEGUN
    actor = actor.as_support_partner() if relation.is_support_only else actor
    _record(EventName.ACTIVATE_RESELLER_ACCESS if begins else EventName.REQUEST_ACTIVATION, activation, actor)
    return activation


def _let_begin(activation: Activation, now: datetime) -> None:
    """Give an activation its hours: from now, or from where the one ends that it gives more time to."""
    begins = now
    if activation.first is not None:
        lasting = Activation.objects.filter(with_number(activation.first.pk)).filter(is_lasting())
        last = lasting.order_by("-effective_until").first()
        if last is None:
            # Approved too late to go on: these are hours of their own.
            activation.first = None
        else:
            assert last.effective_until is not None
            begins = last.effective_until
            _require_room(activation.first, begins + activation.lasts)
    activation.status = ActivationStatus.BEGUN
    activation.effective_from, activation.effective_until = begins, begins + activation.lasts


def _require_room(first: Activation, until: datetime) -> None:
    assert first.effective_from is not None
    if until - first.effective_from > ON_END:
        raise Refused(
            _("Nobody is inside for more than 24 hours on end. Choose less time."), "lasts", reason="conditionNotMet"
        )


def _relation(agent: User, customer: Customer) -> AccessGrant | None:
    return relations_of(agent).select_related("reseller", "customer").filter(customer=customer).first()


def _window(relation: AccessGrant) -> datetime:
    assert relation.effective_from is not None  # it is in force
    return relation.effective_from


def _require_on_request(relation: AccessGrant) -> None:
    access = access_of(relation)
    if not access.is_in_force:
        raise Refused(_("Access to this console is not in force, so it cannot be activated."), reason="conditionNotMet")
    if not access.is_on_request:
        raise Refused(_("This console is open at all times: there is nothing to activate."), reason="conditionNotMet")


def _to_answer(actor: Actor, customer: Customer, activation_id: int) -> Activation:
    """Return an activation for a person who may answer it; the customer and the agent are locked."""
    customer = lock_customer(customer)
    rows = Activation.objects.filter(customer=customer, pk=activation_id)
    agent = User.objects.filter(activations__in=rows).first()
    if agent is None:
        raise PermissionDenied(_("Your role does not allow this."))
    lock_agent(agent)
    activation = rows.select_related("customer", "reseller", "agent__reseller", "first").get()
    if activation.approval == Approval.CUSTOMER:
        authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
        return activation
    authorise_reseller(actor, (Role.RESELLER_ADMIN,), activation.reseller_id)
    if activation.agent_id == actor.user.pk:
        raise PermissionDenied(_("Nobody approves their own activation. Ask another reseller admin."))
    if took_over(activation.agent, by=actor.user.pk):
        raise PermissionDenied(
            _("You reset this agent’s password or changed their address within the last 72 hours. Ask another admin.")
        )
    return activation


def _require_waiting(activation: Activation) -> datetime:
    now = database_now()
    if activation.status == ActivationStatus.WAITING and activation.expires_at > now:
        return now
    answers = {
        ActivationStatus.BEGUN: _("This has been approved already, by %(person)s."),
        ActivationStatus.REJECTED: _("This has been rejected already, by %(person)s."),
        ActivationStatus.WITHDRAWN: _("This was withdrawn, or its agent works for you no more. Nothing was changed."),
    }
    expired = _("This has waited for too long. The agent can ask again.")
    text = answers.get(ActivationStatus(activation.status), expired)
    raise Refused(text % {"person": activation.answered_by_email} if "%" in text else text, reason="conditionNotMet")


def _record(name: EventName, activation: Activation, actor: Actor, **more: str) -> None:
    until = activation.effective_until
    new: dict[str, object] = {"agent": activation.agent.email, "reason": activation.reason}
    new |= {"case_number": activation.case_number} if activation.case_number else {}
    new |= {"access_ends_at": moment_in_log(until)} if until else {}
    record_audit(
        name,
        actor=actor,
        customer=activation.customer_id,
        subject=activation.reseller.name,
        target=activation.reseller,
        new=new | more,
        activation_id=activation.number,
        about_id=activation.pk,
    )
