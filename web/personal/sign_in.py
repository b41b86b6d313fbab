"""Signing in, and choosing a password by a link, as allauth does it, counted as this product wants it (P14)."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView, PasswordResetFromKeyView
from allauth.core import ratelimit
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods

from accounts.sign_in import known_browsers

# How settings.py calls the limits.
ANYBODY, KNOWN = "sign_in", "sign_in_known_browser"


class SignInView(LoginView):  # type: ignore[misc]  # allauth has no types
    """The sign-in page: a browser that has signed in as this person before is not stopped by others at its IP address.

    Counts in place of allauth's own limit `login`, which knows IP addresses only.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        counter = known_browsers.counter_at(request, request.POST.get("login", ""))
        limit = {"action": ANYBODY} if counter is None else {"action": KNOWN, "key": counter}
        refused: HttpResponseBase | None = ratelimit.consume_or_429(request, **limit)
        answer: HttpResponseBase = refused or super().dispatch(request, *args, **kwargs)
        return answer


class PasswordLinkView(PasswordResetFromKeyView):  # type: ignore[misc]  # allauth has no types
    """The page behind a link for a new password; looking at it consumes nothing."""

    def form_valid(self, form: Any) -> HttpResponseBase:
        """Let in the browser in which the link was used, however many wrong passwords others have typed meanwhile."""
        answer: HttpResponseBase = super().form_valid(form)
        known_browsers.remember(self.request, answer, self.reset_user)
        return answer


sign_in = require_http_methods(["GET", "HEAD", "POST"])(SignInView.as_view())
password_link = require_http_methods(["GET", "HEAD", "POST"])(PasswordLinkView.as_view())
