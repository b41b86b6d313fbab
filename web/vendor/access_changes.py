"""What the vendor's operators watch: access changes that are overdue or failed (R9)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.roles import Role
from accounts.sign_in.events import failures_at_unknown_addresses
from subscriptions.access.retrying import failed_changes, overdue_changes, retry_by_operator
from web.guards import vendor_page
from web.lists.pages import page_of
from web.requests import SignedInRequest

FAILED = "failed"


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
def operations_access_changes(request: SignedInRequest) -> HttpResponse:
    """Show what is overdue, the oldest first, or what failed, the newest first."""
    shows_failed = request.GET.get("show") == FAILED
    overdue, failed = overdue_changes(), failed_changes()
    changes = (failed if shows_failed else overdue).select_related(
        "grant__customer", "grant__reseller", "grant__subscription__sku"
    )
    name, by = ("failed changes", "-pk") if shows_failed else ("overdue changes", "pk")
    found = page_of(request, changes, name, by=by)
    return render(
        request,
        "vendor/access_changes.html",
        {
            "changes": found.rows,
            "shows_failed": shows_failed,
            "overdue_count": overdue.count(),
            "failed_count": failed.count(),
            "now": database_now(),
            "unknown_sign_ins": failures_at_unknown_addresses(),
            "pager": found.pager,
        },
    )


@require_POST
@vendor_page(Role.VENDOR_OPERATOR)
def operations_retry(request: SignedInRequest, change_id: int) -> HttpResponse:
    """Try a failed change again."""
    if retry_by_operator(actor=Actor.of(request), change_id=change_id):
        messages.success(request, _("The change is queued again and will take effect as soon as it is due."))
    else:
        messages.info(request, _("Nothing to retry: it was retried before, or the customer made a newer request."))
    return redirect(f"{reverse('operations_access_changes')}?show={FAILED}")
