"""What happened that a customer's admins should know of, behind the bell (R15)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.notifications import mark_as_read, notifications_of
from accounts.permissions import Permission
from web.guards import console_page
from web.lists.pages import page_of
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.VIEW_CONSOLE_SESSIONS)
def notifications(request: ConsoleRequest) -> HttpResponse:
    """Show what this person was told, newest first. Looking at the list reads none of it."""
    mine = notifications_of(request.user, request.customer)
    told = mine.select_related("console_session__agent", "console_session__reseller")
    found = page_of(request, told, "notifications")
    return render(
        request,
        "console/notifications.html",
        {"rows": found.rows, "has_unread": mine.filter(read_at=None).exists(), "pager": found.pager},
    )


@require_POST
@console_page(Permission.VIEW_CONSOLE_SESSIONS)
def notifications_read(request: ConsoleRequest) -> HttpResponse:
    """Mark everything as read."""
    mark_as_read(notifications_of(request.user, request.customer))
    messages.success(request, _("All notifications are marked as read."))
    return redirect("notifications", domain=request.customer.primary_domain)


@require_POST
@console_page(Permission.VIEW_CONSOLE_SESSIONS)
def notification_open(request: ConsoleRequest, notification_id: int) -> HttpResponse:
    """Mark one as read and lead to what it is about; someone else's does not exist."""
    mine = notifications_of(request.user, request.customer).filter(pk=notification_id)
    told = get_object_or_404(mine)
    mark_as_read(mine)
    return redirect("outside_visit", domain=request.customer.primary_domain, session_id=told.console_session_id)
