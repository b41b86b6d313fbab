"""One case: what it says, its history, its files, and a form for each thing this person may do with it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.names import isolated
from support import file_storage
from support.attachments import download
from support.case_downloads import record_download
from support.case_notes import notes_visible_to
from support.categories import find_category
from support.file_storage import StorageAway
from support.models import Attachment, Case, CaseEvent, CaseNote
from support.models.case import EscalationReason, EventKind, State
from web.cases.area import Area
from web.cases.filters import state_label
from web.cases.new import checked_files, tell_removed
from web.cases.verbs import Verb, empty_forms, sent_form, verbs_in
from web.refusals import shown_on
from web.requests import SignedInRequest

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history. change: what became of what, in words."""

    event: CaseEvent
    change: str


def case_page(request: SignedInRequest, area: Area, case_id: int) -> HttpResponse:
    """Show a case; on POST do what the button `verb` says."""
    case = area.case(case_id)
    if request.method == "POST":
        return _act(request, area, case)
    return _show(request, area, case)


def _act(request: SignedInRequest, area: Area, case: Case) -> HttpResponse:
    name = request.POST.get("verb", "")
    verb = verbs_in(area).get(name)
    if verb is None:
        raise Http404
    form = sent_form(area, case, name, request.POST, request.FILES)
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


def _tell(request: SignedInRequest, verb: Verb, done: object) -> None:
    if done is None:
        messages.info(request, _("Nothing was changed: it was so already."))
    else:
        messages.success(request, str(verb.said))


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
        "forms": empty_forms(area, case) | (filled or {}),
        "notes": _notes(area, case),
        "error_form": next(iter(filled.values())) if filled else None,
        "is_closed": case.state == State.CLOSED,
    }
    return render(request, "cases/case.html", context, status=status)


def _notes(area: Area, case: Case) -> list[CaseNote]:
    """Return the notes of the reader's colleagues; in a customer's console there are none (S13)."""
    if area.is_console:
        return []
    return list(notes_visible_to(area.person).filter(case=case).select_related("by").order_by("pk"))


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
    if event.kind == EventKind.TITLE_CHANGED:
        return f"{isolated(event.old)} → {isolated(event.new)}"
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
    try:
        content = file_storage.opened(file.pk)
    except FileNotFoundError:
        logger.error("the file %s of case %s is not in the storage of attachments", file.pk, case.pk)
        return _no_file(request, area, file, "cases/file_gone.html", 404)
    except StorageAway as error:
        logger.error("the storage of attachments gave no file: %s", error)
        return _no_file(request, area, file, "cases/file_away.html", 503)
    try:
        record_download(actor=Actor.of(request), attachment_id=file.pk)
    except BaseException:
        content.close()
        raise
    return download(file, content)


def _no_file(request: SignedInRequest, area: Area, file: Attachment, template: str, status: int) -> HttpResponse:
    context = {"file": file, "case_url": area.url("case", case_id=file.case_id)}
    return render(request, template, context, status=status)
