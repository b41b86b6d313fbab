from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.audit_log import RESELLER_EVENTS, events_of_reseller
from web.audit.filter import EventFilter
from web.audit.lines import reseller_lines
from web.guards import reseller_page
from web.lists.pages import page_of
from web.requests import ResellerRequest


@require_safe
@reseller_page()
def reseller_activity(request: ResellerRequest) -> HttpResponse:
    """Show what this reseller's own agents did, no matter where; agents see their own deeds (A4)."""
    form = EventFilter(request.GET, events=RESELLER_EVENTS)
    found = page_of(request, form.filtered(events_of_reseller(request.user)), "reseller_activity")
    context = {"form": form, "lines": reseller_lines(found.rows), "pager": found.pager}
    return render(request, "reseller/activity.html", context)
