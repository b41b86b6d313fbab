from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import keyset
from accounts.trail import RESELLER_EVENTS, trail_of_reseller
from web.audit.filter import TrailFilter
from web.audit.lines import reseller_lines
from web.guards import reseller_page
from web.requests import ResellerRequest


@require_safe
@reseller_page()
def reseller_activity(request: ResellerRequest) -> HttpResponse:
    """Show what this reseller's own agents did, no matter where; agents see their own deeds (A4)."""
    form = TrailFilter(request.GET, events=RESELLER_EVENTS)
    at = keyset.place(request.GET, "reseller_activity")
    found = keyset.by_id(form.narrow(trail_of_reseller(request.user)), at)
    context = {
        "form": form,
        "lines": reseller_lines(found.rows),
        "pager": keyset.pager(request, at, previous=found.previous, next=found.next),
    }
    return render(request, "reseller/activity.html", context)
