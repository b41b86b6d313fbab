"""What vendor support does with cases: answers, states, assignment (S11)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import User
from accounts.names import isolated
from accounts.roles import Role
from support.attachments import Checked, add_rows, kept
from support.case_history import lock_case, move_to, record_case_event
from support.due import draw_due_time, note_answer
from support.models import Case
from support.models.case import EventKind, Priority, State

# Where vendor support may take a case from each state. Only customers and partners reopen (S11).
NEXT: dict[State, tuple[State, ...]] = {
    State.NEW: (State.IN_PROGRESS_GOOGLE_SUPPORT, State.ACTION_REQUIRED, State.SOLUTION_PROVIDED),
    State.IN_PROGRESS_GOOGLE_SUPPORT: (State.ACTION_REQUIRED, State.SOLUTION_PROVIDED),
    State.ACTION_REQUIRED: (State.IN_PROGRESS_GOOGLE_SUPPORT, State.SOLUTION_PROVIDED, State.CLOSED),
    State.SOLUTION_PROVIDED: (State.IN_PROGRESS_GOOGLE_SUPPORT, State.ACTION_REQUIRED, State.CLOSED),
    State.CLOSED: (),
}


def answer(*, actor: Actor, case_id: int, text: str, state: State, files: Sequence[Checked] = ()) -> Case:
    """Answer a case, change its state, or both: one line of history and one mail.

    Raises Refused where the state does not follow from the one the case has, or nothing was said.
    """
    with kept(files) as stored, transaction.atomic():
        case = lock_case(actor, case_id, vendor=True)
        old = State(case.state)
        if old == State.CLOSED:
            raise Refused(_("This case is closed. The customer can reopen it."), reason="conditionNotMet")
        if state != old and state not in NEXT[old]:
            raise Refused(
                _("A case cannot go from “%(old)s” to “%(new)s”.") % {"old": old.label, "new": state.label},
                "state",
                reason="conditionNotMet",
            )
        said_nothing = not text and not stored
        if said_nothing and state == old:
            raise Refused(_("Write an answer, or choose another status."), "text")
        if said_nothing and state == State.ACTION_REQUIRED:
            raise Refused(_("Write what the customer is asked for."), "text")
        rows = add_rows(case, actor.user, stored)
        changed = state != old
        kind, name = _words(text, state if changed else None)
        fields = move_to(case, state) if changed else []
        record_case_event(
            case,
            kind,
            name,
            actor=actor,
            # Another status alone is no answer (S13).
            fields=[*fields, *([] if said_nothing else note_answer(case, database_now()))],
            text=text,
            old=old.value if changed else "",
            new=state.value if changed else "",
            said={"files": [row.name for row in rows]} if rows else None,
        )
    return case


def _words(text: str, state: State | None) -> tuple[EventKind, EventName]:
    if state == State.CLOSED:
        return EventKind.CLOSED, EventName.CLOSE_CASE
    if state is not None:
        return EventKind.COMMENTED if text else EventKind.STATE_CHANGED, EventName.CHANGE_CASE_STATE
    return (EventKind.COMMENTED, EventName.COMMENT_CASE) if text else (EventKind.ATTACHED, EventName.ATTACH_TO_CASE)


@transaction.atomic
def assign(*, actor: Actor, case_id: int, assignee: User | None) -> Case | None:
    """Give a case to a person of vendor support, or back into the queue. Returns None where it is so already."""
    case = lock_case(actor, case_id, vendor=True)
    if case.assignee_id == (assignee.pk if assignee else None):
        return None
    if assignee is not None and not desk().filter(pk=assignee.pk).exists():
        raise Refused(_("Only active people of vendor support work on cases."), "assignee")
    return _give(actor, case, assignee)


@transaction.atomic
def take(*, actor: Actor, case_id: int) -> Case | None:
    """Take a case that no colleague of vendor support has. Returns None where it is one's own already (S13).

    Of two at once the first has it. Raises Refused, which says who, for the second.
    """
    case = lock_case(actor, case_id, vendor=True)
    if case.assignee_id == actor.user.pk:
        return None
    if case.state == State.CLOSED:
        raise Refused(_("This case is closed. The customer can reopen it."), reason="conditionNotMet")
    at_work = desk().filter(pk=case.assignee_id or 0).first()
    if at_work is not None:
        raise Refused(_("%(name)s has taken this case.") % {"name": isolated(at_work.name)}, reason="conditionNotMet")
    return _give(actor, case, actor.user)


def _give(actor: Actor, case: Case, assignee: User | None) -> Case:
    old = case.assignee.name if case.assignee else ""
    case.assignee = assignee
    record_case_event(
        case,
        EventKind.ASSIGNED,
        EventName.ASSIGN_CASE,
        actor=actor,
        fields=["assignee"],
        old=old,
        new=assignee.name if assignee else "",
    )
    return case


@transaction.atomic
def set_priority(*, actor: Actor, case_id: int, priority: Priority) -> Case | None:
    """Correct how urgent a case is. Returns None where it is the same."""
    case = lock_case(actor, case_id, vendor=True)
    if case.priority == priority:
        return None
    if case.state == State.CLOSED:
        raise Refused(_("This case is closed. The customer can reopen it."), reason="conditionNotMet")
    old, case.priority = case.priority, priority
    name = EventName.CHANGE_CASE_PRIORITY
    record_case_event(
        case,
        EventKind.PRIORITY_CHANGED,
        name,
        actor=actor,
        fields=["priority", *draw_due_time(case)],
        old=old,
        new=priority.value,
    )
    return case


def desk() -> QuerySet[User]:
    """Return the active people of vendor support, by name."""
    return User.objects.filter(
        is_active=True, customer=None, reseller=None, role_assignments__role=Role.VENDOR_SUPPORT
    ).order_by("name", "pk")


def with_vendor_assignee(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Add `at_desk` to cases: the name of who works on them at vendor support; None: nobody, or a person who left."""
    return cases.annotate(at_desk=Subquery(desk().filter(pk=OuterRef("assignee")).values("name")[:1]))


def is_at_desk() -> Exists:
    """Return the condition that a case is at a person who still is at vendor support."""
    return Exists(desk().filter(pk=OuterRef("assignee")))
