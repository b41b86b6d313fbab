"""A person's own sessions: where they are signed in, and the way to end one of them or all others."""

from __future__ import annotations

from allauth.usersessions import views as sessions_views
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.ids import is_id
from accounts.sign_in.own_sessions import end_session
from web.guards import signed_in
from web.requests import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def own_sessions(request: SignedInRequest) -> HttpResponseBase:
    """List them; a POST ends the one that it names, or all but this one."""
    named = request.POST.get("session")
    return sessions_views.list_usersessions(request) if named is None else _end(request, named)


def _end(request: SignedInRequest, named: str) -> HttpResponse:
    if is_id(named) and end_session(actor=Actor.of(request), session_id=int(named)):
        messages.success(request, _("That browser is signed out."))
    else:
        messages.info(request, _("That session was over already."))
    return redirect("usersessions_list")
