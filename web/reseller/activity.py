from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.audit_log import RESELLER_EVENTS, events_of_reseller, page_of_events
from web.audit.filter import ResellerEventFilter
from web.audit.lines import reseller_lines
from web.guards import reseller_page
from web.lists.columns import Rows
from web.lists.listing import Listing
from web.lists.pages import page_of
from web.requests import ResellerRequest
from web.reseller.activity_list import ACTIVITY


@require_safe
@reseller_page()
def reseller_activity(request: ResellerRequest) -> HttpResponse:
    """Show what this reseller's own agents did, no matter where; agents see their own deeds (A4)."""
    form = ResellerEventFilter(request.GET, events=RESELLER_EVENTS, reader=request.user)
    events, size = form.filtered(events_of_reseller(request.user)), ACTIVITY.size_for(request)
    found = page_of(request, events, "reseller_activity", by=page_of_events, size=size)
    rows = Rows(reseller_lines(found.rows), title=lambda line: line.event)
    listing = Listing(request, ACTIVITY, form, rows, found.pager)
    return render(request, "reseller/activity.html", {"list": listing})
