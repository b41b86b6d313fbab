"""What people can do with a case on its page, each thing a form and a verb: which of them, and where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from accounts.clock import database_now
from support import case_notes, cases, partner_desk, vendor_desk
from support.case_history import may_change
from support.models import Case, CaseNote
from support.models.case import EscalationReason, Priority, State
from web.cases.area import Area, is_free
from web.cases.forms import (
    AnswerForm,
    AssignForm,
    CloseForm,
    CommentForm,
    EscalateForm,
    NoteForm,
    PriorityForm,
    RateForm,
    ReopenForm,
    SubscribeForm,
    TakeForm,
    TitleForm,
    UnsubscribeForm,
)


@dataclass(frozen=True, slots=True)
class Verb:
    """What a form does. call: the verb of support/ with the form's values as its arguments."""

    form: Callable[..., forms.Form]
    call: Callable[..., Case | CaseNote | None]
    said: Promise


_SAVED = gettext_lazy("Saved.")
_TAKEN = gettext_lazy("You have this case now.")
_NOTED = gettext_lazy("Noted. Only your colleagues read it.")
_FOLLOWING: dict[str, Verb] = {
    "comment": Verb(CommentForm, cases.comment, gettext_lazy("Added.")),
    "escalate": Verb(
        EscalateForm,
        lambda reason, **said: cases.escalate(reason=EscalationReason(reason), **said),
        gettext_lazy("Escalated."),
    ),
    "close": Verb(CloseForm, cases.close, gettext_lazy("Closed. It can be reopened for 15 days.")),
    "reopen": Verb(ReopenForm, cases.reopen, gettext_lazy("Reopened.")),
    "rate": Verb(RateForm, cases.rate, gettext_lazy("Thank you for telling.")),
    "priority": Verb(
        PriorityForm, lambda priority, **said: cases.change_priority(priority=Priority(priority), **said), _SAVED
    ),
    "title": Verb(TitleForm, cases.change_title, _SAVED),
    "subscribe": Verb(SubscribeForm, cases.subscribe, _SAVED),
    "unsubscribe": Verb(UnsubscribeForm, cases.unsubscribe, _SAVED),
}
# In a reseller's own pages, never in a customer's console (S13).
_AT_PARTNER: dict[str, Verb] = {
    "take": Verb(TakeForm, partner_desk.take_at_partner, _TAKEN),
    "assign": Verb(AssignForm, partner_desk.assign_at_partner, _SAVED),
    "note": Verb(NoteForm, case_notes.add_note, _NOTED),
}
_AT_VENDOR: dict[str, Verb] = {
    "answer": Verb(
        AnswerForm,
        lambda state, **said: vendor_desk.answer(state=State(state), **said),
        gettext_lazy("Answered. The customer's subscribers get a mail."),
    ),
    "take": Verb(TakeForm, vendor_desk.take, _TAKEN),
    "assign": Verb(AssignForm, vendor_desk.assign, _SAVED),
    "priority": Verb(
        PriorityForm, lambda priority, **said: vendor_desk.set_priority(priority=Priority(priority), **said), _SAVED
    ),
    "note": Verb(NoteForm, case_notes.add_note, _NOTED),
}


def verbs_in(area: Area) -> dict[str, Verb]:
    """Return what can be done with cases in one of the three places."""
    if area.is_vendor:
        return _AT_VENDOR
    return _FOLLOWING | _AT_PARTNER if area.is_reseller else _FOLLOWING


def sent_form(area: Area, case: Case, name: str, *sent: Any) -> forms.Form:
    """Return the form of a verb with what was sent."""
    return verbs_in(area)[name].form(*sent, auto_id=f"{name}_%s", **_choices(area, name, case))


def empty_forms(area: Area, case: Case) -> dict[str, forms.Form]:
    """Return an empty form for each thing that can be done now."""
    return {name: _empty(area, name, case) for name in _offered(area, case)}


def _offered(area: Area, case: Case) -> list[str]:
    closed = case.state == State.CLOSED
    take = ["take"] if is_free(area, case) else []
    if area.is_vendor:
        return ["assign", "note"] if closed else ["answer", *take, "assign", "priority", "note"]
    if not may_change(area.person, case):
        return []
    at_desk = ([*take, "note"] if closed else [*take, "assign", "note"]) if area.is_reseller else []
    if closed:
        reopen = ["reopen"] if cases.can_be_reopened(case, database_now()) else []
        return ["rate", "subscribe", *reopen, *at_desk]
    return [
        "comment",
        "close",
        "title",
        "priority",
        "subscribe",
        *([] if case.escalated_at else ["escalate"]),
        *at_desk,
    ]


def _empty(area: Area, name: str, case: Case) -> forms.Form:
    options = _choices(area, name, case)
    initial: dict[str, Any] = {"title": case.title, "priority": case.priority, "state": case.state}
    if name == "assign":
        initial = {"assignee": _assignee(area, case)}
    if name == "rate":
        initial = {"satisfaction": case.satisfaction or 5, "text": case.satisfaction_comment}
    if name == "answer":
        now = State(case.state)
        # Answered, a case is not new any more.
        is_new = now == State.NEW
        options["states"] = [*([] if is_new else [now]), *vendor_desk.NEXT[now]]
        initial = {"state": State.ACTION_REQUIRED if is_new else now}
    return verbs_in(area)[name].form(auto_id=f"{name}_%s", initial=initial, **options)


def _choices(area: Area, name: str, case: Case) -> dict[str, Any]:
    """Return what a form must know to offer only what is allowed."""
    if name == "answer":
        # All others are accepted here: the verb says why one does not follow from another.
        return {"states": [state for state in State if state != State.NEW]}
    if name != "assign":
        return {}
    return {"desk": vendor_desk.desk() if area.is_vendor else partner_desk.colleagues(_reseller(area), case.customer)}


def _assignee(area: Area, case: Case) -> int | None:
    if area.is_vendor:
        return case.assignee_id
    at_work = partner_desk.assignees_in_place(_reseller(area)).filter(case=case)
    return at_work.values_list("assignee_id", flat=True).first()


def _reseller(area: Area) -> int:
    assert area.person.reseller_id is not None
    return area.person.reseller_id
