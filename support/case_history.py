"""What every verb of a case begins and ends with: lock, and ask who may; then history, audit log and mail."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import person_now
from accounts.clock import database_now
from accounts.locking import lock_customer
from accounts.mail import post
from accounts.models import Customer, User
from accounts.permissions import Permission
from accounts.roles import Role
from support.due import follow_state
from support.mail_kinds import MailKind
from support.models import Case, CaseEvent
from support.models.case import EventKind, State
from support.models.partner import Service
from support.scope import cases_visible_to, open_relations, services_open_to

# What a line of history has changed, for the audit log: where it is not the state.
_CHANGED: dict[EventKind, str] = {
    EventKind.ASSIGNED: "assignee",
    EventKind.PRIORITY_CHANGED: "priority",
    EventKind.TITLE_CHANGED: "title",
    EventKind.ESCALATED: "escalation_reason",
    EventKind.RATED: "satisfaction",
    EventKind.SUBSCRIBERS_CHANGED: "subscriber",
}


def lock_case(actor: Actor, case_id: int, *, vendor: bool = False) -> Case:
    """Lock a case for a person who may change it at this instant (P8, R11, S6, S7).

    The customer's row is locked first, as by the verbs that end access: who comes second sees what the
    first one did. vendor: for vendor support, whose verbs are others than those of customers and partners.
    Raises PermissionDenied.
    """
    refused = PermissionDenied(_("Your role does not allow this."))
    customer_id = Case.objects.filter(pk=case_id).values_list("customer_id", flat=True).first()
    if customer_id is None:
        raise refused
    lock_customer(Customer(pk=customer_id))
    person = person_now(actor)
    case = (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .select_related("customer", "filed_by_reseller", "assignee")
        .filter(pk__in=cases_visible_to(person).filter(pk=case_id).values("pk"))
        .first()
    )
    if case is None or not (_is_vendor_support(person) if vendor else may_change(person, case)):
        raise refused
    return case


def may_change(person: User, case: Case) -> bool:
    """Tell whether this person of the customer or of a partner may file and follow such cases."""
    if person.is_vendor:
        return False
    return Service(case.service) in services_open_to(person, case.customer, Permission.FILE_CASES)


def _is_vendor_support(person: User) -> bool:
    return person.is_vendor and Role.VENDOR_SUPPORT in person.roles


def move_to(case: Case, state: State) -> list[str]:
    """Give a locked case another state; returns the fields to save. A case that was closed can be rated again."""
    fields, old, now = ["state", "closed_at"], State(case.state), database_now()
    if old == State.CLOSED:
        case.satisfaction, case.satisfaction_comment = None, ""
        fields += ["satisfaction", "satisfaction_comment"]
    case.state = state
    case.closed_at = now if state == State.CLOSED else None
    return fields + follow_state(case, old, now)


def record_case_event(
    case: Case,
    kind: EventKind,
    name: EventName,
    *,
    actor: Actor,
    fields: list[str] | None = None,
    text: str = "",
    old: str = "",
    new: str = "",
    said: dict[str, Any] | None = None,
) -> CaseEvent:
    """Save a change of a locked case with one line of history, one audit event (A1) and the mails about it.

    fields: what the verb changed on the case. said: more for the audit log, which never holds a case's words.
    """
    case.updated_at = database_now()
    case.save(update_fields=[*(fields or []), "updated_at"])
    event = CaseEvent.objects.create(
        case=case,
        kind=kind,
        text=text,
        old=old[:200],
        new=new[:200],
        by=actor.user,
        by_organisation=actor.user.organisation_name,
    )
    changed = _CHANGED.get(kind, "case_state")
    record_case_audit(case, name, actor=actor, old={changed: old} if old else None, new={changed: new} | (said or {}))
    subscribers = User.objects.filter(pk__in=case.subscribers.values("person"))
    post.queue(MailKind.CASE_CHANGED, subscribers, about_id=event.pk, once=True)
    return event


def record_case_audit(case: Case, name: EventName, *, actor: Actor, old: Any = None, new: Any = None) -> None:
    """Write the audit event; an actor from outside is marked as reseller, support partner or vendor (A4)."""
    person = actor.user
    if person.reseller_id and not open_relations(person).filter(customer=case.customer_id).exists():
        actor = actor.as_support_partner()
    record_audit(
        name,
        actor=actor,
        customer=case.customer_id,
        subject=f"#{case.pk} {case.title}"[:300],
        target=case,
        old=old,
        new={key: value for key, value in (new or {}).items() if value != ""} or None,
        about_id=case.pk,
    )
