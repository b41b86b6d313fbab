"""Which activations last, and how they end before their time (R20). They begin in subscriptions/access/activating.py.

Like a session an activation opens nothing by itself: its hours are compared with the clock of the database by every
request, beside the access of the reseller and the work of the agent.
"""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Least, Now
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_many
from accounts.authorisation import authorise, authorise_reseller, person_now
from accounts.locking import lock_customer, taking_away
from accounts.models import Activation, Customer, User
from accounts.models.activations import ActivationEnd, ActivationStatus
from accounts.models.staffing import staffed_sql
from accounts.models.targets import Pointer, TargetKind
from accounts.permissions import Permission
from accounts.roles import Role


def is_lasting() -> Q:
    """Return the condition that an activation is running, or goes on after the one that is."""
    return Q(effective_until__gt=Now())


def is_running() -> Q:
    """Return the condition that an activation is running at this instant."""
    return is_lasting() & Q(effective_from__lte=Now())


def is_waiting() -> Q:
    """Return the condition that an activation waits for its approval."""
    return Q(status=ActivationStatus.WAITING, expires_at__gt=Now())


def with_number(number: int) -> Q:
    """Return the condition of an activation and all that gave more time to it."""
    return Q(pk=number) | Q(first=number)


def lock_agent(agent: User) -> None:
    """Lock an agent before their activations, behind the customer: in this order everybody does it.

    So a verb that takes their work away, and one that lets them in, wait for each other and see what the other did.
    """
    list(User.objects.select_for_update(no_key=True).filter(pk=agent.pk).values_list("pk"))


@taking_away()
def end_activation(*, actor: Actor, customer: Customer, number: int) -> bool:
    """End an activation at once, or take it back while it waits: its agent, a reseller admin, or the customer.

    number: also of what gave it more time. Returns False where it was over. Raises PermissionDenied for anybody else.
    """
    customer = lock_customer(customer)
    rows = Activation.objects.filter(with_number(number), customer=customer)
    found = rows.select_related("reseller", "agent").order_by("pk").first()
    if found is None:
        raise PermissionDenied(_("Your role does not allow this."))
    because = _who_ends(actor, customer, found)
    lock_agent(found.agent)
    changed = rows.filter(is_waiting()).update(
        status=ActivationStatus.WITHDRAWN, answered_at=Now(), answered_by_email=actor.user.email
    )
    changed += _end(rows.filter(is_lasting()), because, actor.user.email)
    if changed:
        record_audit(
            EventName.END_ACTIVATION,
            actor=actor,
            customer=customer,
            subject=found.reseller.name,
            target=found.reseller,
            new={"agent": found.agent.email, "because": because},
            activation_id=number,
        )
    return changed > 0


def _who_ends(actor: Actor, customer: Customer, activation: Activation) -> ActivationEnd:
    person = person_now(actor)
    if person.customer_id == customer.pk:
        authorise(actor, Permission.END_CONSOLE_SESSIONS, customer)
        return ActivationEnd.CUSTOMER
    if person.pk == activation.agent_id:
        return ActivationEnd.AGENT
    authorise_reseller(actor, (Role.RESELLER_ADMIN,), activation.reseller_id)
    return ActivationEnd.RESELLER


def _end(lasting: QuerySet[Activation], because: ActivationEnd, by: str = "") -> int:
    """End at this instant what is running; what would have followed never begins."""
    return lasting.update(
        effective_from=Least(F("effective_from"), Now()),
        effective_until=Now(),
        ended_because=because,
        ended_by_email=by,
    )


_WHO_LEFT = f"""
    FROM accounts_user u JOIN accounts_reseller r ON r.id = u.reseller_id
    WHERE u.id = a.agent_id
      AND (a.effective_until > statement_timestamp()
           OR (a.status = '{ActivationStatus.WAITING}' AND a.expires_at > statement_timestamp()))
      AND NOT (u.is_active AND r.suspended_at IS NULL AND {staffed_sql("a.customer_id", "u.id")})
"""
# Activations that last or wait, of agents who work there no more.
LEFT_BEHIND = f"SELECT a.id FROM accounts_activation a WHERE EXISTS (SELECT 1 {_WHO_LEFT})"  # noqa: S608  our own text
_END_THEM = f"""
    UPDATE accounts_activation a SET
        status = CASE WHEN a.status = '{ActivationStatus.WAITING}'
            THEN '{ActivationStatus.WITHDRAWN}' ELSE a.status END,
        effective_from = CASE WHEN a.status <> '{ActivationStatus.WAITING}'
            THEN least(a.effective_from, statement_timestamp()) END,
        effective_until = CASE WHEN a.status <> '{ActivationStatus.WAITING}' THEN statement_timestamp() END,
        ended_because = '{ActivationEnd.WORK_ENDED}'
    {_WHO_LEFT} AND {{agents}}
    RETURNING coalesce(a.first_id, a.id), a.customer_id, r.id, r.name, u.email
"""  # noqa: S608  our own text
_LOCK = "SELECT 1 FROM accounts_user u WHERE u.reseller_id IS NOT NULL AND {agents} ORDER BY u.id FOR NO KEY UPDATE"


def end_of_who_left(*, agents: Collection[int] | None = None, reseller_id: int | None = None) -> int:
    """End the activations of people who do not work there any more, so that none comes back with their work (R20).

    The verb that took the work away calls it in its own transaction: it is over for good, also where the same work is
    given again. It waits for those of them who are about to activate something: they lock their own row first.

    agents: their ids; else everybody of a reseller; neither: everybody. Returns how many.
    """
    which: str = "TRUE"
    whose: list[int] | int | None = None
    if agents is not None:
        which, whose = "u.id = ANY(%(whose)s)", list(agents)
    elif reseller_id is not None:
        which, whose = "u.reseller_id = %(whose)s", reseller_id
    with connection.cursor() as cursor:
        cursor.execute(_LOCK.format(agents=which), {"whose": whose})
        cursor.execute(_END_THEM.format(agents=which), {"whose": whose})
        ended = sorted(set(cursor.fetchall()))
    record_many(
        event(
            EventName.END_ACTIVATION,
            actor=None,
            customer=customer,
            subject=reseller,
            target=Pointer(TargetKind.RESELLER, reseller_id),
            new={"agent": email, "because": ActivationEnd.WORK_ENDED},
            activation_id=number,
        )
        for number, customer, reseller_id, reseller, email in ended
    )
    return len(ended)


def end_all_activations() -> int:
    """End every activation that a restored backup says is running or waits; the system tells of all of them at once."""
    waiting = Activation.objects.filter(status=ActivationStatus.WAITING)
    withdrawn = waiting.update(status=ActivationStatus.WITHDRAWN, ended_because=ActivationEnd.RESTORED)
    return withdrawn + _end(Activation.objects.filter(is_lasting()), ActivationEnd.RESTORED)
