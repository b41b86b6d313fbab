"""One change for several rows of a list: what it would do and to whom, and then a worker does it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.directory.several import Outcomes
from accounts.models.jobs import BulkAction, JobKind
from accounts.permissions import Permission
from jobs.choosing import Beside, change_rows, foresee
from jobs.kinds import KINDS
from web.console.bulk_words import WORDS, Words
from web.console.forms.bulk import BulkForm
from web.lists.listing import Action, Bulk
from web.lists.selection import as_filtered, say_what_is_gone
from web.refusals import shown_on, told
from web.requests import ConsoleRequest, note_rows

# Rows of which the page says what would become of them, and how many of each sort it names.
FORESEEN_AT_MOST, NAMED_AT_MOST = 1_000, 50
# What is lost by it stands in red.
_DESTROYS = frozenset({BulkAction.DELETE, BulkAction.REMOVE})
# The value of the row that stands in the database beside its name: what the page says of it.
Label = Callable[[Any], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class List:
    """What a list has to say to its bulk changes.

    url, list_kwargs: of the list's page; ids: the name of its boxes; scope: the rows that this person sees; found:
    those of them that a query of the list finds; order: by what they are named; label: the two texts by which a row is
    known; fields: what its actions can take beside; without one, it is not asked for.
    """

    kind: JobKind
    url: str
    title: Promise
    ids: str
    none: Promise
    scope: QuerySet[Any]
    found: Callable[[QueryDict], QuerySet[Any]]
    order: str
    label: Label
    fields: Mapping[str, forms.Field]
    list_kwargs: Mapping[str, Any]
    # Where a list has only some of its kind's actions, and where it decides what another list asks for.
    actions: Collection[BulkAction] = ()
    decided: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Foreseen:
    """What would become of the rows that were looked at. looked: how many those are."""

    done: list[tuple[str, str]]
    refused: list[tuple[str, str, str]]
    number_done: int
    number_refused: int
    unchanged: int
    looked: int


def bar_of(request: ConsoleRequest, kind: JobKind, url_name: str, all_rows: Callable[[str], str]) -> Bulk | None:
    """Return what this person may do with several rows of a list; None for nothing.

    url_name: of the page that says what it does; all_rows: the words for all rows, of their number.
    """
    actions = [
        Action(action.value, str(words.button), action in _DESTROYS)
        for action, words in actions_for(kind, request.permissions)
    ]
    url = reverse(url_name, kwargs={"domain": request.customer.primary_domain})
    return Bulk(url, actions, all_rows) if actions else None


def actions_for(kind: JobKind, permissions: Collection[Permission]) -> list[tuple[BulkAction, Words]]:
    """Return what someone may do with several rows of a list, in the order of its buttons."""
    changes = KINDS[kind].changes
    return [(action, words) for action, words in WORDS[kind].items() if changes[action].permission in permissions]


def bulk_page(request: ConsoleRequest, listed: List) -> HttpResponse:
    """Say what an action would do to how many rows; confirmed, let a worker do it. GET leads back to the list."""
    if request.method != "POST":
        return redirect(reverse(listed.url, kwargs=dict(listed.list_kwargs)))
    form = _form(request, listed)
    is_valid, is_confirmed = form.is_valid(), "confirmed" in request.POST
    if form.errors.keys() - set(form.details):
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(_list_url(request, listed))
    action = BulkAction(form.cleaned_data["action"])
    if KINDS[listed.kind].changes[action].permission not in request.permissions:
        raise PermissionDenied(_("Your role has no access to this page."))
    chosen = _chosen(request, form, listed)
    # What a filter finds is asked for again, so only what was shown is confirmed; rows that were ticked stay the same.
    ids = chosen.values_list("pk", flat=True) if form.cleaned_data["everybody"] else form.row_ids
    digest, shown = digest_of(action, form.beside, ids), request.POST.get("shown", "")
    number = chosen.count()
    if is_valid and number and form.cleaned_data["everybody"] and action in _DESTROYS:
        is_valid = form.ask_for_number(number) or not is_confirmed
    if is_valid and is_confirmed and shown and shown != digest:
        messages.warning(request, _("Something changed since this was shown. Look at it again."))
    if is_valid and is_confirmed and shown == digest:
        with told(request):
            return _start(request, form, listed, action, chosen)
        return redirect(_list_url(request, listed))
    foreseen = None
    if not set(form.errors) - {"typed"} and (form.is_complete or action == BulkAction.MOVE):
        with shown_on(form):
            foreseen = _foreseen(request, form, listed, action, chosen)
    context = {
        "form": form,
        "words": WORDS[listed.kind][action],
        "number": number,
        "foreseen": foreseen,
        "more": number - foreseen.looked if foreseen else 0,
        "is_vain": foreseen is not None and foreseen.number_refused == number,
        "may_confirm": foreseen is not None or action == BulkAction.MOVE,
        "list_url": _list_url(request, listed),
        "list_title": listed.title,
        "digest": digest,
    }
    if foreseen:
        note_rows(request, len(foreseen.done) + len(foreseen.refused))
    return render(request, "console/bulk_confirm.html", context, status=422 if form.errors else 200)


def _form(request: ConsoleRequest, listed: List) -> BulkForm:
    words_of = WORDS[listed.kind]
    data = request.POST.copy()
    for name, value in listed.decided.items():
        data[name] = value
    offered = {
        action: [name for name in words.fields if name in listed.fields]
        for action, words in words_of.items()
        if action in (listed.actions or words_of)
    }
    form = BulkForm(data, ids=listed.ids, actions=offered, none=listed.none)
    form.offer(listed.fields, hidden=listed.decided)
    return form


def _start(
    request: ConsoleRequest, form: BulkForm, listed: List, action: BulkAction, chosen: QuerySet[Any]
) -> HttpResponse:
    job = change_rows(
        actor=Actor.of(request),
        customer=request.customer,
        kind=listed.kind,
        action=action,
        chosen=chosen,
        beside=form.beside,
    )
    messages.success(request, _("Started. This page updates automatically."))
    return redirect("job", domain=request.customer.primary_domain, job_id=job.pk)


def _chosen(request: ConsoleRequest, form: BulkForm, listed: List) -> QuerySet[Any]:
    """Return the rows chosen, out of those that this person sees; 404 where none of them is."""
    if form.cleaned_data["everybody"]:
        return listed.found(QueryDict(form.cleaned_data["filter"]))
    chosen = listed.scope.filter(pk__in=form.row_ids)
    say_what_is_gone(request, selected=len(form.row_ids), found=chosen.count())
    return chosen


def digest_of(action: BulkAction, beside: Beside, rows: Iterable[int]) -> str:
    """Return what a form carries of what was shown: nothing else is confirmed by it, and nothing without it.

    rows: their ids. The unit that they move to is chosen on that page itself.
    """
    shown = json.dumps([action, {**beside.stored(), "org_unit": None}, sorted(rows)])
    return salted_hmac("web.console.bulk", shown).hexdigest()


def _foreseen(
    request: ConsoleRequest, form: BulkForm, listed: List, action: BulkAction, chosen: QuerySet[Any]
) -> Foreseen:
    """Ask the rules about the first rows, in the order in which the worker takes them. Raises Refused."""
    rows: Sequence[Model] = list(chosen.order_by(listed.order, "pk")[:FORESEEN_AT_MOST])
    ids, named = [row.pk for row in rows], {row.pk: listed.label(row) for row in rows}
    actor = Actor.of(request)
    outcomes: Outcomes = foresee(actor, request.customer, listed.kind, action, ids, form.beside)
    refused = [(*named[pk], why.message) for pk, why in outcomes.refused.items() if pk in named]
    done = [named[pk] for pk in outcomes.done]
    return Foreseen(
        done=done[:NAMED_AT_MOST],
        refused=refused[:NAMED_AT_MOST],
        number_done=len(done),
        number_refused=len(refused),
        unchanged=len(rows) - len(done) - len(refused),
        looked=len(rows),
    )


def _list_url(request: ConsoleRequest, listed: List) -> str:
    return as_filtered(reverse(listed.url, kwargs=dict(listed.list_kwargs)), request)
