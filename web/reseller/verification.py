"""The page behind the verifier's link (S4), and what a reseller sees of its work as a support partner."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.names import isolated
from accounts.roles import SUPPORT_ROLES
from support.assignments import assignments_at, open_request
from support.look_up import may_verify
from support.models import SupportAssignment
from support.models.partner import AssignmentStatus
from support.partners import decide, decide_by_link
from web.guards import reseller_page, signed_in
from web.lists.pages import page_of
from web.refusals import told
from web.requests import ResellerRequest, SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@never_cache
def support_verify(request: SignedInRequest, token: str) -> HttpResponse:
    """Show who asks for what; *Confirm* and *Decline* are POSTs, so that looking consumes nothing (S4)."""
    assignment = open_request(token, request.user)
    if assignment is None or may_verify(request.user.email) is None:
        # A person who holds the link may know that it works, for another person: that much is needed to act on it.
        somebody_else = assignment is None and open_request(token) is not None
        context = {"somebody_else": somebody_else, "closed_to_you": assignment is not None}
        return render(request, "reseller/verify_closed.html", context, status=403 if somebody_else else 410)
    if request.method != "POST" or request.POST.get("decision") not in {"confirm", "decline"}:
        return render(request, "reseller/verify.html", {"assignment": assignment})
    try:
        decided = decide_by_link(actor=Actor.of(request), token=token, confirm=request.POST["decision"] == "confirm")
    except Refused:
        return render(request, "reseller/verify_closed.html", {}, status=410)
    return _said(request, decided)


@require_POST
@reseller_page(*sorted(SUPPORT_ROLES))
def reseller_support_decide(request: ResellerRequest, assignment_id: int) -> HttpResponse:
    """Confirm or decline a request in place, as the verifier it names; for all others it does not exist (S4)."""
    if not assignments_at(request.reseller).filter(pk=assignment_id, verifier=request.user).exists():
        raise Http404
    decision = request.POST.get("decision")
    if decision not in {"confirm", "decline"}:
        raise Http404
    with told(request):
        return _said(
            request, decide(actor=Actor.of(request), assignment_id=assignment_id, confirm=decision == "confirm")
        )
    return redirect("reseller_support")


def _said(request: SignedInRequest, decided: SupportAssignment) -> HttpResponse:
    confirmed = decided.status == AssignmentStatus.ACTIVE
    said = _("Confirmed. You handle support for %(customer)s now.") if confirmed else _("Declined.")
    messages.success(request, said % {"customer": isolated(decided.customer.name)})
    return redirect("reseller_support")


@require_safe
@reseller_page(*sorted(SUPPORT_ROLES))
@never_cache
def reseller_support(request: ResellerRequest) -> HttpResponse:
    """List the requests to this reseller and its relations as a support partner, newest first."""
    found = page_of(request, assignments_at(request.reseller), "reseller_support")
    return render(request, "reseller/support.html", {"assignments": found.rows, "pager": found.pager})
