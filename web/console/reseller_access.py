"""The page *Reseller access*: a customer's admin decides, sees what will change, saves, and follows it (R1 to R12)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts import keyset
from accounts.actor import Actor
from accounts.models.two_people import Demand
from accounts.moments import moment_text
from accounts.names import isolated
from accounts.permissions import Permission
from accounts.two_people.demands import demands_of
from accounts.two_people.reading import waiting_proposals_of
from subscriptions.access.activating import activations_to_approve_at
from subscriptions.access.comparison import Shown
from subscriptions.access.desired import preview_reseller_access, save_reseller_access
from subscriptions.access.effective import at_the_latest
from subscriptions.access.errors import AccessRefused, AgreementMissing
from subscriptions.access.extent import desired_of
from subscriptions.access.outbox import must_end
from subscriptions.access.overview import Overview, history_of, overview_of
from subscriptions.access.requests import open_requests_to
from subscriptions.access.restore_notice import restore_notice
from subscriptions.access.step_words import planned, sentences
from subscriptions.models import AccessChange, AccessGrant
from web.console.forms.extent import ExtentFields, narrow_of
from web.console.forms.reseller_access import ResellerAccessForm, seen_text
from web.console.two_people import waits
from web.guards import console_page
from web.requests import ConsoleRequest
from web.unsaved import is_shown_again

# Changes shown below the boxes; the rest is on the page of the history.
RECENT_CHANGES = 10


# never_cache: the back button asks again instead of showing boxes from before the last save.
@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_RESELLER_ACCESS)
@never_cache
def reseller_access(request: ConsoleRequest) -> HttpResponse:
    """Show the boxes; POST saves them, after the words that say what will change were shown."""
    if request.method == "POST":
        return _save(request)
    return _page(request)


def _save(request: ConsoleRequest) -> HttpResponse:
    form = ResellerAccessForm(request.POST)
    if not form.is_valid():
        problem = " ".join(dict.fromkeys(str(e) for errors in form.errors.values() for e in errors))
        return _page(request, status=422, problem=problem)
    if form.cleaned_data["step"] == "edit" or is_shown_again(request):
        return _page(request, form)
    verb = _saved if form.cleaned_data["confirmed"] else _previewed
    try:
        return verb(request, form)
    except AccessRefused as refused:
        return _page(request, form, status=422, refused=refused)


def _saved(request: ConsoleRequest, form: ResellerAccessForm) -> HttpResponse:
    saved = save_reseller_access(
        actor=Actor.of(request), customer=request.customer, desired=form.desired(), agreed=form.agreed_resellers
    )
    if saved.changes:
        messages.success(request, saved_text(saved.changes))
    if saved.conflicts:
        return _page(request, form, status=409, conflicts=saved.conflicts)
    if saved.proposal:
        return waits(request, saved.proposal)
    return back_to_page(request) if saved.changes else _nothing_different(request)


def _previewed(request: ConsoleRequest, form: ResellerAccessForm) -> HttpResponse:
    """Show what will change, on a page of its own: the way of a browser without JavaScript."""
    preview = preview_reseller_access(
        actor=Actor.of(request), customer=request.customer, desired=form.desired(), agreed=form.agreed_resellers
    )
    if preview.conflicts:
        return _page(request, form, status=409, conflicts=preview.conflicts)
    if not preview.steps and not preview.waiting:
        return _nothing_different(request)
    context = {
        "sentences": planned(preview.steps),
        "waiting": planned(preview.waiting),
        "sent": form.as_sent(),
        "latest": at_the_latest(preview.at),
    }
    return render(request, "console/reseller_access_confirm.html", context)


def _nothing_different(request: ConsoleRequest) -> HttpResponse:
    messages.info(request, _("Nothing was different, so nothing was saved."))
    return back_to_page(request)


def _leave(overview: Overview, form: ResellerAccessForm) -> None:
    """Put the boxes back as the admin left them; one that was not touched says what is stored now."""
    for key, box in overview.boxes.items():
        if form.is_touched(key):
            box.ticked = key in form.ticked
    for section in overview.sections:
        section.agreed = section.reseller.pk in form.agreed_resellers


def _tell(overview: Overview, refused: AccessRefused) -> str:
    """Write the refusal beside the box it is about; returns it for the top of the page where that box is gone."""
    if isinstance(refused, AgreementMissing):
        for section in overview.sections:
            if section.reseller.pk == refused.reseller_id:
                section.agreement_error = refused.message
                return ""
    box = overview.boxes.get((refused.reseller_id, refused.subscription_id))
    if box is None:
        return str(refused.message)
    box.error = refused.message
    return ""


def _done(change: AccessChange) -> list[str]:
    """Say what a saved change means, against what was desired before it."""
    earlier = change.grant.changes.filter(generation=change.generation - 1).first()
    before = Shown(earlier.allowed, desired_of(earlier)) if earlier else Shown(False)
    return sentences(change.grant, before, Shown(change.allowed, desired_of(change)))


def saved_text(changes: list[AccessChange]) -> str:
    """Say what was saved, and by when it is in effect (R7)."""
    if not any(change.allowed or must_end(change.grant, change.requested_at) for change in changes):
        return _("Saved. Nothing was open, so nothing changes now: access stays off.")
    latest = moment_text(max(at_the_latest(change.requested_at) for change in changes), sentence=True)
    if len(changes) == 1:
        if changes[0].allowed and changes[0].grant.reseller.suspended_at:
            text = _(
                "Saved. But %(reseller)s is suspended and gets no access: the change fails unless that ends first."
            )
            return text % {"reseller": isolated(changes[0].grant.reseller.name)}
        what = " ".join(_done(changes[0]))
        if changes[0].outcome:  # R16: an end that came nearer holds already.
            return _("Saved. %(what)s") % {"what": what}
        return _("Saved. %(what)s This takes effect by %(latest)s.") % {"what": what, "latest": latest}
    return ngettext(
        "Saved: %(number)s change. It takes effect by %(latest)s.",
        "Saved: %(number)s changes. They take effect by %(latest)s.",
        len(changes),
    ) % {"number": len(changes), "latest": latest}


def _page(
    request: ConsoleRequest,
    form: ResellerAccessForm | None = None,
    *,
    status: int = 200,
    problem: str = "",
    refused: AccessRefused | None = None,
    conflicts: Iterable[AccessGrant] = (),
) -> HttpResponse:
    """Show the boxes as they are now.

    form: the boxes come back as an admin left them. refused: told beside its box.
    conflicts: what another person changed meanwhile (R6); what was revoked in the same form is saved.
    """
    overview = overview_of(request.customer)
    if form is not None:
        _leave(overview, form)
    if refused is not None:
        problem = _tell(overview, refused)
    for section in overview.sections:
        console = section.console
        sent = form.extents.get(console.key) if form else ExtentFields.filled(request.GET, console.key, console.extent)
        console.narrow = narrow_of(isolated(section.reseller.name), console.extent, sent)
    for grant in conflicts:
        if box := overview.boxes.get((grant.reseller_id, grant.subscription_id)):
            box.overtaken = True
    context = _context(request, overview) | {
        "seen": seen_text(overview.boxes.values()),
        "restored": restore_notice(request.customer, overview),
        "problem": problem,
        "errors": [box for box in overview.boxes.values() if box.error],
        "agreement_errors": [section for section in overview.sections if section.agreement_error],
        "overtaken": [box for box in overview.boxes.values() if box.overtaken],
    }
    return render(request, "console/reseller_access.html", context, status=status)


def _context(request: ConsoleRequest, overview: Overview) -> dict[str, Any]:
    on_request = any(box.is_on_request or box.standing_to_come for box in overview.boxes.values())
    return {
        "overview": overview,
        "can_change": Permission.CHANGE_RESELLER_ACCESS in request.permissions,
        "recent": history_of(request.customer).order_by("-pk")[:RECENT_CHANGES],
        "open_requests": open_requests_to(request.customer),
        "waiting_activations": activations_to_approve_at(request.customer) if on_request else (),
        "on_request": on_request,
        "proposals": waiting_proposals_of(request.customer),
        "needs_two": Demand.ACCESS in demands_of(request.customer),
    }


@require_safe
@console_page(Permission.VIEW_RESELLER_ACCESS)
@never_cache
def reseller_access_state(request: ConsoleRequest) -> HttpResponse:
    """Answer the page that follows its changes: 204 where it says the same as before."""
    if not _wants_piece(request):
        return back_to_page(request)
    overview = overview_of(request.customer)
    if request.GET.get("seen") == overview.fingerprint:
        return HttpResponse(status=204)
    return render(request, "console/reseller_access_state.html", _context(request, overview))


def _wants_piece(request: ConsoleRequest) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request


@require_safe
@console_page(Permission.VIEW_RESELLER_ACCESS)
@never_cache
def reseller_access_history(request: ConsoleRequest) -> HttpResponse:
    """Show every change: who, when, from, to, when effective. 50 a page, newest first."""
    at = keyset.place(request.GET, "reseller_access_history")
    changes = history_of(request.customer)
    found = keyset.by_id(changes, at)
    pager = keyset.pager(request, at, previous=found.previous, next=found.next)
    return render(request, "console/reseller_access_history.html", {"changes": found.rows, "pager": pager})


def back_to_page(request: ConsoleRequest) -> HttpResponse:
    """Lead to the page after a POST, so that a reload repeats nothing."""
    return redirect("reseller_access", domain=request.customer.primary_domain)
