"""The proof that an event is in the sealed log, as a file (A5)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.audit_log import events_of_customer
from accounts.permissions import Permission
from accounts.seals.proofs import NotAsSealed, NotSealed, proof_of
from web.guards import console_page
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.VIEW_AUDIT_LOG)
def audit_event_proof(request: ConsoleRequest, event_id: int) -> HttpResponse:
    """Send the proof of one event of this console; resellers never get it (R14)."""
    event = events_of_customer(request.customer).filter(pk=event_id).first()
    if event is None:
        raise Http404
    try:
        proof = proof_of(event)
    except NotSealed:
        messages.info(request, _("This event is not sealed yet. Events are sealed every minute: try again then."))
    except NotAsSealed:
        messages.error(request, _("This event is not what was sealed, so there is no proof of it. Report this."))
    else:
        name = f"audit-event-{event.pk}-{request.customer.primary_domain}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return JsonResponse(proof, json_dumps_params={"indent": 1}, headers=headers)
    return redirect("audit_log", domain=request.customer.primary_domain)
