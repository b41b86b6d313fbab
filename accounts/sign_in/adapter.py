from __future__ import annotations

import logging
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts import proof
from accounts.actor import Actor
from accounts.directory import passwords
from accounts.factors import SignInWay
from accounts.identity_providers import needs_provider
from accounts.links import address_of
from accounts.mail import post
from accounts.mail.mails import PASSWORD_RESET
from accounts.models import User
from accounts.sign_in import events, known_browsers
from accounts.sign_in.second_step import factor_shown, provider_sign_in

# How settings.py calls the limit.
FAILED_IN_KNOWN_BROWSER = "login_failed_known_browser"
RESET_TEMPLATE = "account/email/password_reset_key"
LINK_PAGE = "account_reset_password_from_key"

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in as this product wants it: organisations create their people, nobody signs up."""

    error_messages: ClassVar[dict[str, Promise | str]] = {
        **DefaultAccountAdapter.error_messages,
        # One sentence for a wrong password, an unknown address and a suspended person: it tells nobody which.
        "email_password_mismatch": _("E-mail address and password do not match, or the account is suspended."),
        "too_many_login_attempts": _("Too many attempts. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Take what is no URL at all, such as `http://[`, for one that leads elsewhere: allauth fails on it."""
        try:
            return bool(super().is_safe_url(url))
        except ValueError:
            return False

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Lead home: everybody signs in again then, and would else be asked for another password at once."""
        return resolve_url(settings.LOGIN_REDIRECT_URL)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a browser that has signed in as this person before by itself: others do not lock it out (P14)."""
        counter = known_browsers.counter_at(request, credentials.get("email", ""))
        if counter is None:
            try:
                super().pre_authenticate(request, **credentials)
            except ValidationError:
                self.authentication_failed(request, **credentials)
                raise
            return
        # As the method above does it, down to the name: a password that is right takes back what was counted.
        self._login_failed_rl_usage = ratelimit.consume(
            request, app="allauth.account", action=FAILED_IN_KNOWN_BROWSER, key=counter
        )
        if not self._login_failed_rl_usage:
            self.authentication_failed(request, **credentials)
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        events.count_failed_sign_in(credentials.get("email", ""), self.get_client_ip(request))

    def get_login_stages(self) -> list[str]:
        """Ask for the second factor and for nothing else (P12)."""
        return ["accounts.sign_in.second_step.SecondStep"]

    def pre_login(self, request: HttpRequest, user: User, **hook: Any) -> HttpResponse | None:
        """Lead people whose organisation signs them in to its provider, whatever else they have shown (P15)."""
        if provider_sign_in(request, user) is None and needs_provider(user):
            messages.error(request, _("Your organisation signs you in with its own provider. Enter your address."))
            return redirect("account_login")
        refused: HttpResponse | None = super().pre_login(request, user, **hook)
        return refused

    @transaction.atomic
    def login(self, request: HttpRequest, user: User) -> None:
        """Nobody is signed in without an event (P14), which says by which second factor."""
        super().login(request, user)
        by_provider = provider_sign_in(request, user)
        request.session.pop(proof.BY_PROVIDER, None)
        if by_provider:
            request.session[proof.BY_PROVIDER] = by_provider["provider"]
            if "asked_at" in by_provider:
                proof.note_proof(request.session, by_provider["asked_at"])
        way = SignInWay.PROVIDER if by_provider else None
        events.record_sign_in(actor=Actor.of(request), factor=factor_shown(request), way=way)

    @transaction.atomic
    def logout(self, request: HttpRequest) -> None:
        events.record_sign_out(actor=Actor.of(request))
        super().logout(request)

    def post_login(self, request: HttpRequest, user: User, **hook: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **hook)
        known_browsers.remember(request, response, user)
        return response

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Begin the link as every link in a mail does: what a request calls this host is not believed."""
        uid, _dash, token = key.partition("-")
        return address_of("account_reset_password_from_key", uidb36=uid, key=token)

    def set_password(self, user: User, password: str) -> None:
        """Say in the audit log that a password was changed or reset: a stolen account leaves its trace."""
        actor = Actor(user, self.get_client_ip(self.request))
        match = self.request.resolver_match
        by_link = match is not None and match.url_name == LINK_PAGE
        passwords.change_password(actor=actor, person=user, password=password, by_link=by_link)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Answer the same with the mail server away: an error page would tell that the address is known."""
        try:
            super().send_mail(template_prefix, email, context | {"console_url": settings.CONSOLE_URL})
        except OSError:
            logger.exception("a mail about an account was not sent: %s", template_prefix)
            if template_prefix == RESET_TEMPLATE:
                # Found by the sweep: asking a worker could take time here, which would tell the same.
                post.queue(PASSWORD_RESET, [context["user"]], nudge=False)


class SessionsAdapter(DefaultUserSessionsAdapter):
    """The list of one's own sessions."""

    @transaction.atomic
    def end_sessions(self, sessions: list[UserSession]) -> None:
        """Say in the audit log how many were ended (P14)."""
        if sessions:
            events.record_sign_out(actor=Actor.of(context.request), sessions=len(sessions))
        super().end_sessions(sessions)
