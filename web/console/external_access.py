"""Account settings › *External access*: who works in this console from outside, now and before (R15)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.console_sessions import entering
from accounts.console_sessions.inside import lasting, sessions_in
from accounts.permissions import Permission
from web.console.forms.console_sessions import EndSessionForm, EntryReasonForm
from web.guards import console_page
from web.lists.pages import page_of
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.VIEW_CONSOLE_SESSIONS)
def outside_access(request: ConsoleRequest) -> HttpResponse:
    """Show who is inside at this moment, who was before, and whether a reason is asked for."""
    inside = lasting(request.customer)
    others = sessions_in(request.customer).exclude(pk__in=[session.pk for session in inside])
    before = page_of(request, others, "outside_access")
    return render(
        request,
        "console/external_access.html",
        {
            "inside": inside,
            "before": before.rows,
            "pager": before.pager,
            "form": EntryReasonForm(initial={"required": request.customer.asks_for_entry_reason}),
            "may_end": Permission.END_CONSOLE_SESSIONS in request.permissions,
            "may_change": Permission.CHANGE_RESELLER_ACCESS in request.permissions,
            "may_view_reseller_access": Permission.VIEW_RESELLER_ACCESS in request.permissions,
        },
    )


@require_POST
@console_page(Permission.END_CONSOLE_SESSIONS)
def outside_access_end(request: ConsoleRequest) -> HttpResponse:
    """Put one agent out."""
    form = EndSessionForm(request.POST)
    ended = form.is_valid() and entering.end_console_session(
        actor=Actor.of(request), customer=request.customer, session_id=form.cleaned_data["session"]
    )
    if ended:
        messages.success(
            request, _("The session is ended. The agent is put out of this console with their next click.")
        )
    else:
        messages.info(request, _("Nothing was changed: this session was over already."))
    return _back(request)


@require_POST
@console_page(Permission.END_CONSOLE_SESSIONS)
def outside_access_end_all(request: ConsoleRequest) -> HttpResponse:
    """Put out everybody from outside."""
    number = entering.end_all_console_sessions(actor=Actor.of(request), customer=request.customer)
    if number:
        text = ngettext("%(number)s session is ended.", "%(number)s sessions are ended.", number)
        messages.success(request, text % {"number": number})
    else:
        messages.info(request, _("Nothing was changed: there are no external sessions."))
    return _back(request)


@require_POST
@console_page(Permission.CHANGE_RESELLER_ACCESS)
def outside_access_reason(request: ConsoleRequest) -> HttpResponse:
    """Ask for a reason from now on, or no longer."""
    form = EntryReasonForm(request.POST)
    form.full_clean()
    required = form.cleaned_data["required"]
    if not entering.ask_for_entry_reason(actor=Actor.of(request), customer=request.customer, required=required):
        messages.info(request, _("Nothing was changed."))
    elif required:
        messages.success(request, _("Saved. External users must now give a reason to enter."))
    else:
        messages.success(request, _("Saved. Nobody is asked for a reason any more."))
    return _back(request)


def _back(request: ConsoleRequest) -> HttpResponse:
    return redirect("outside_access", domain=request.customer.primary_domain)
