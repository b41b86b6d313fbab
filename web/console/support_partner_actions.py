"""The buttons on requests and relations: send again, withdraw, remove.

They are forms of their own, sent by POST. A GET leads to the page: that is where someone arrives who
had to sign in again, and nothing is done without pressing the button again.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.permissions import Permission
from support.models import SupportAssignment
from support.partners import remove_support_partner, resend_verification, withdraw_request
from support.schedule import has_moved
from web.guards import console_page
from web.refusals import told
from web.requests import ConsoleRequest


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SUPPORT_PARTNERS)
def support_partner_resend(request: ConsoleRequest, assignment_id: int) -> HttpResponse:
    """Send the verifier another link (S4)."""
    said = _("A new mail is on its way. The link in the one before does not work any more.")
    return _act(request, resend_verification, assignment_id, said)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SUPPORT_PARTNERS)
def support_partner_withdraw(request: ConsoleRequest, assignment_id: int) -> HttpResponse:
    """Take a request back (S8)."""
    return _act(request, withdraw_request, assignment_id, _("Withdrawn. The link in the mail does not work any more."))


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SUPPORT_PARTNERS)
def support_partner_remove(request: ConsoleRequest, assignment_id: int) -> HttpResponse:
    """End a relation at once (S7)."""
    return _act(
        request, remove_support_partner, assignment_id, _("Removed. The partner has no support access any more.")
    )


def _act(
    request: ConsoleRequest, verb: Callable[..., SupportAssignment | None], assignment_id: int, said: str
) -> HttpResponse:
    if request.method == "POST":
        with told(request):
            done = verb(actor=Actor.of(request), customer=request.customer, assignment_id=assignment_id)
            if done:
                messages.success(request, said)
            else:
                messages.info(request, _("Nothing was changed: this was settled already."))
    page = "support_contracts" if has_moved(request.customer) else "support_partners"
    return redirect(page, domain=request.customer.primary_domain)
