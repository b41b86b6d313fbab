"""The buttons of the page *Reseller access* that act at once: remove now, turn off for all, try again.

They are forms of their own, sent by POST. A GET leads to the page: that is where a person arrives who
had to sign in again, and nothing is done without pressing the button anew.
"""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.names import isolated
from accounts.permissions import Permission
from subscriptions.access.comparison import Key, key_of
from subscriptions.access.desired import remove_now, retry_failed, turn_off_for_all_resellers
from web.console.reseller_access import back_to_page, saved_text
from web.guards import console_page
from web.refusals import told
from web.requests import ConsoleRequest


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.CHANGE_RESELLER_ACCESS)
def reseller_access_remove_now(request: ConsoleRequest) -> HttpResponse:
    """End one access this instant (R8)."""
    if request.method == "POST":
        reseller, subscription = _box(request)
        changes = remove_now(
            actor=Actor.of(request), customer=request.customer, reseller_id=reseller, subscription_id=subscription
        )
        if changes:
            text = _("Removed. %(reseller)s has no access any more.") if subscription is None else _("Removed.")
            messages.success(request, text % {"reseller": isolated(changes[0].grant.reseller.name)})
        else:
            messages.info(request, _("There was no access to remove any more."))
    return back_to_page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.CHANGE_RESELLER_ACCESS)
def reseller_access_turn_off_all(request: ConsoleRequest) -> HttpResponse:
    """Take every access of every reseller away (R12)."""
    if request.method == "POST":
        changes = turn_off_for_all_resellers(actor=Actor.of(request), customer=request.customer)
        if changes:
            messages.success(request, saved_text(changes))
        else:
            messages.info(request, _("Access is off for every reseller already."))
    return back_to_page(request)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.CHANGE_RESELLER_ACCESS)
def reseller_access_retry(request: ConsoleRequest) -> HttpResponse:
    """Retry what failed (R9)."""
    if request.method == "POST":
        reseller, subscription = _box(request)
        with told(request):
            changes = retry_failed(
                actor=Actor.of(request), customer=request.customer, reseller_id=reseller, subscription_id=subscription
            )
            if changes:
                messages.success(request, saved_text(changes))
            else:
                messages.info(request, _("There is nothing to retry."))
    return back_to_page(request)


def _box(request: ConsoleRequest) -> Key:
    """Return the box that the button belongs to; 404 for anything that is none."""
    key = key_of(request.POST.get("box", ""))
    if key is None:
        raise Http404
    return key
