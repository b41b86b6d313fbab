"""What a person was told, behind the bell, and how soon they want to hear of what (R15, R25)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.notifications.preferences import save_how_soon
from accounts.notifications.reading import in_words, mark_as_read, notifications_of, with_what_they_tell
from web.guards import signed_in
from web.lists.pages import page_of
from web.personal.forms import HowSoonForm
from web.requests import SignedInRequest
from web.unsaved import comes_back, is_shown_again


@require_safe
@signed_in
def notifications(request: SignedInRequest) -> HttpResponse:
    """Show what this person was told and may still read, newest first. Looking at the list reads none of it."""
    mine = notifications_of(request.user)
    found = page_of(request, with_what_they_tell(mine), "notifications")
    return render(
        request,
        "personal/notifications.html",
        {
            "lines": in_words(found.rows, request.user),
            "has_unread": mine.filter(read_at=None).exists(),
            "pager": found.pager,
        },
    )


@require_POST
@signed_in
def notifications_read(request: SignedInRequest) -> HttpResponse:
    """Mark everything as read."""
    mark_as_read(notifications_of(request.user))
    messages.success(request, _("All notifications are marked as read."))
    return redirect("notifications")


@require_POST
@signed_in
def notification_open(request: SignedInRequest, notification_id: int) -> HttpResponse:
    """Mark one as read and lead to what it is about; someone else's does not exist."""
    mine = notifications_of(request.user).filter(pk=notification_id)
    row = get_object_or_404(with_what_they_tell(mine))
    mark_as_read(mine)
    [line] = in_words([row], request.user)
    return redirect(line.url)


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def notification_preferences(request: SignedInRequest) -> HttpResponse:
    """Choose how soon to hear of each topic."""
    form = HowSoonForm(request.POST if request.method == "POST" else None, person=request.user)
    if request.method == "POST" and not is_shown_again(request) and form.is_valid():
        save_how_soon(person=request.user, chosen=form.chosen())
        messages.success(request, _("Saved."))
        return redirect("notification_preferences")
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "personal/notification_preferences.html", {"form": form}, status=status)
