"""One case: what it says, its history, its files, and a form for each thing this person may do with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.clock import database_now
from support import cases, vendor_desk
from support.attachments import download, path_of
from support.case_downloads import record_download
from support.case_history import may_change
from support.categories import find_category
from support.models import Case, CaseEvent
from support.models.case import EscalationReason, EventKind, Priority, State
from web.cases.area import Area
from web.cases.forms import (
    AnswerForm,
    AssignForm,
    CloseForm,
    CommentForm,
    EscalateForm,
    PriorityForm,
    RateForm,
    ReopenForm,
    SubscribeForm,
    UnsubscribeForm,
    state_label,
)
from web.cases.new import checked_files, tell_removed
from web.refusals import shown_on
from web.requests import SignedInRequest

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history. change: what became of what, in words."""

    event: CaseEvent
    change: str


@dataclass(frozen=True, slots=True)
class Verb:
    """What a form does. call: the verb of support.cases with the form's values as its arguments."""

    form: Callable[..., forms.Form]
    call: Callable[..., Case | None]
    said: Promise


_SAVED = gettext_lazy("Saved.")
VERBS: dict[str, Verb] = {
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
    "subscribe": Verb(SubscribeForm, cases.subscribe, _SAVED),
    "unsubscribe": Verb(UnsubscribeForm, cases.unsubscribe, _SAVED),
}
VENDOR_VERBS: dict[str, Verb] = {
    "answer": Verb(
        AnswerForm,
        lambda state, **said: vendor_desk.answer(state=State(state), **said),
        gettext_lazy("Answered. The customer's subscribers get a mail."),
    ),
    "assign": Verb(AssignForm, vendor_desk.assign, _SAVED),
    "priority": Verb(
        PriorityForm, lambda priority, **said: vendor_desk.set_priority(priority=Priority(priority), **said), _SAVED
    ),
}


def case_page(request: SignedInRequest, area: Area, case_id: int) -> HttpResponse:
    """Show a case; on POST do what the button `verb` says."""
    case = area.case(case_id)
    if request.method == "POST":
        return _act(request, area, case)
    return _show(request, area, case)


def _act(request: SignedInRequest, area: Area, case: Case) -> HttpResponse:
    name = request.POST.get("verb", "")
    verb = (VENDOR_VERBS if area.is_vendor else VERBS).get(name)
    if verb is None:
        raise Http404
    form = verb.form(request.POST, request.FILES, auto_id=f"{name}_%s", **_choices(name, case))
    if form.is_valid():
        values = dict(form.cleaned_data)
        with shown_on(form):
            if "files" in values:
                values["files"] = checked_files(request, values["files"])
            done = verb.call(actor=Actor.of(request), case_id=case.pk, **values)
            _tell(request, verb, done)
            tell_removed(request, values.get("files", []))
            return redirect(area.url("case", case_id=case.pk))
    return _show(request, area, area.case(case.pk), {name: form}, status=422)


def _tell(request: SignedInRequest, verb: Verb, done: Case | None) -> None:
    if done is None:
        messages.info(request, _("Nothing was changed: it was so already."))
    else:
        messages.success(request, str(verb.said))


def _choices(name: str, case: Case) -> dict[str, Any]:
    """Return what a form must know to offer only what is allowed."""
    if name == "answer":
        # Every state is accepted here: the verb says why one does not follow from another.
        return {"states": list(State)}
    return {"desk": vendor_desk.desk()} if name == "assign" else {}


def _show(
    request: SignedInRequest, area: Area, case: Case, filled: dict[str, forms.Form] | None = None, *, status: int = 200
) -> HttpResponse:
    events = case.events.select_related("by").order_by("pk")
    context: dict[str, Any] = {
        "area": area,
        "case": case,
        "language_name": dict(settings.LANGUAGES).get(case.language, case.language),
        "category": find_category(case.service, case.category) or case.category,
        "state_label": state_label(case.state, vendor=area.is_vendor),
        "lines": [Line(event, _change(event, vendor=area.is_vendor)) for event in events],
        "attachments": [
            (file, area.url("case_file", case_id=case.pk, file_id=file.pk))
            for file in case.attachments.select_related("uploaded_by").order_by("uploaded_at", "pk")
        ],
        "subscribers": [row.person for row in case.subscribers.select_related("person").order_by("person__email")],
        "forms": _forms(area, case) | (filled or {}),
        "error_form": next(iter(filled.values())) if filled else None,
        "is_closed": case.state == State.CLOSED,
    }
    return render(request, "cases/case.html", context, status=status)


def _forms(area: Area, case: Case) -> dict[str, forms.Form]:
    """Return an empty form for each thing that can be done now."""
    closed = case.state == State.CLOSED
    if area.is_vendor:
        names = ["assign"] if closed else ["answer", "assign", "priority"]
    elif not may_change(area.person, case):
        return {}
    elif closed:
        names = ["rate", "subscribe"] + (["reopen"] if cases.can_be_reopened(case, database_now()) else [])
    else:
        names = ["comment", "close", "priority", "subscribe"] + ([] if case.escalated_at else ["escalate"])
    return {name: _empty(name, area, case) for name in names}


def _empty(name: str, area: Area, case: Case) -> forms.Form:
    verb = (VENDOR_VERBS if area.is_vendor else VERBS)[name]
    options = _choices(name, case)
    initial = {"priority": case.priority, "assignee": case.assignee_id, "state": case.state}
    if name == "rate":
        initial = {"satisfaction": case.satisfaction or 5, "text": case.satisfaction_comment}
    if name == "answer":
        now = State(case.state)
        options["states"] = [now, *vendor_desk.NEXT[now]]
    return verb.form(auto_id=f"{name}_%s", initial=initial, **options)


def _change(event: CaseEvent, *, vendor: bool) -> str:
    """Return what a line of history changed, in words."""
    if event.kind == EventKind.ESCALATED:
        return str(EscalationReason(event.new).label)
    if event.kind == EventKind.SUBSCRIBERS_CHANGED:
        return (
            _("%(email)s gets mail") % {"email": event.new}
            if event.new
            else _("%(email)s gets no mail any more") % {"email": event.old}
        )
    if event.kind == EventKind.ASSIGNED:
        return event.new or _("Nobody")
    if event.kind == EventKind.RATED:
        return _("%(stars)s of 5") % {"stars": event.new}
    if not event.new:
        return ""
    old, new = (
        str(state_label(value, vendor=vendor)) if value in State.values else value for value in (event.old, event.new)
    )
    return f"{old} → {new}"


def case_file(request: SignedInRequest, area: Area, case_id: int, file_id: Any) -> HttpResponseBase:
    """Give out a file of a case, by POST only: it is recorded. A GET leads to the case."""
    case = area.case(case_id)
    file = case.attachments.filter(pk=file_id).first()
    if file is None:
        raise Http404
    if request.method != "POST":
        return redirect(area.url("case", case_id=case.pk))
    if not path_of(file.pk).is_file():
        logger.error("the file %s of case %s is not in MEDIA_ROOT", file.pk, case.pk)
        context = {"file": file, "case_url": area.url("case", case_id=case.pk)}
        return render(request, "cases/file_gone.html", context, status=404)
    record_download(actor=Actor.of(request), attachment_id=file.pk)
    return download(file)
