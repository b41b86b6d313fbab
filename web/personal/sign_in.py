"""Signing in, and choosing a password by a link, as allauth does it, counted as this product wants it (P14, P15)."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from allauth.account.views import LoginView, PasswordResetFromKeyView
from allauth.core import ratelimit
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods

from accounts.identity_providers import domain_of, provider_at
from accounts.sign_in import known_browsers
from web.personal.forms import AddressForm
from web.single_sign_on.leading import led_to_provider

# How settings.py calls the limits.
ADDRESS, ANYBODY, KNOWN = "address_typed", "sign_in", "sign_in_known_browser"


class SignInView(LoginView):  # type: ignore[misc]  # allauth has no types
    """The sign-in page: first the address, then the way of the organisation whose domain it is at (P15).

    The domain alone decides, so that the page tells nobody whether an address exists. A browser that has signed in as
    this person before is not stopped by others at its IP address; counts in place of allauth's own limit `login`, which
    knows IP addresses only.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        counter = known_browsers.counter_at(request, request.POST.get("login", ""))
        limit = {"action": ANYBODY} if counter is None else {"action": KNOWN, "key": counter}
        if "password" not in request.POST:
            limit = {"action": ADDRESS}
        refused: HttpResponseBase | None = ratelimit.consume_or_429(request, **limit)
        answer: HttpResponseBase = refused or super().dispatch(request, *args, **kwargs)
        return answer

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask for the address; for the password too where someone chose to sign in with one."""
        meant = {"login": _meant(self.get_next_url() or "")}
        return self._shown(self.get_form() if "with" in request.GET else AddressForm(initial=meant))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take the address, or address and password."""
        if "password" in request.POST:
            answer: HttpResponseBase = super().post(request, *args, **kwargs)
            return answer
        form = AddressForm(request.POST)
        if not form.is_valid():
            return self._shown(form)
        address = form.cleaned_data["login"]
        provider = provider_at(domain_of(address))
        if provider is not None:
            return led_to_provider(request, provider, address=address, next_url=self.get_next_url())
        return self._shown(self.get_form_class()(request=request, initial={"login": address}))

    def _shown(self, form: Any) -> HttpResponseBase:
        page: HttpResponseBase = self.render_to_response(self.get_context_data(form=form))
        return page


def _meant(url: str) -> str:
    """Return whom an application that leads people here knows by address (X7): the address is filled in for them."""
    return parse_qs(urlsplit(url).query).get("login_hint", [""])[0]


class PasswordLinkView(PasswordResetFromKeyView):  # type: ignore[misc]  # allauth has no types
    """The page behind a link for a new password; looking at it consumes nothing."""

    def form_valid(self, form: Any) -> HttpResponseBase:
        """Let in the browser in which the link was used, however many wrong passwords others have typed meanwhile."""
        answer: HttpResponseBase = super().form_valid(form)
        known_browsers.remember(self.request, answer, self.reset_user, by_link=True)
        return answer


sign_in = require_http_methods(["GET", "HEAD", "POST"])(SignInView.as_view())
password_link = require_http_methods(["GET", "HEAD", "POST"])(PasswordLinkView.as_view())
