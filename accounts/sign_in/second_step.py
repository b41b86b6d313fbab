"""The second step of signing in (P12): nobody is signed in between the steps, and each has a session of its own."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import (
    clear_authentication_records,
    get_authentication_records,
    record_authentication,
)
from allauth.core.internal import ratelimit
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.errors import Refused
from accounts.factors import Factor, factor_of
from accounts.identity_providers import KEEPS_PASSWORD
from accounts.models import User
from accounts.sign_in import events, known_browsers
from accounts.sign_in.codes import use_code

# How settings.py calls the limits.
_FAILED, _FAILED_IN_KNOWN_BROWSER = "login_failed", "login_failed_known_browser"
_WRONG = {
    "code": _("This code is wrong, too old, or was used already."),
    "password": _("This is not your password."),
}
_TOO_MANY = _("Too many attempts. Wait five minutes, then try again.")
_PASSWORD: Final = "password"  # noqa: S105  a key
# How allauth's records call it.
BY_PROVIDER: Final = "socialaccount"


class SecondStep(AuthenticateStage):  # type: ignore[misc]  # allauth has no types
    """Between the password and the session: a person with a second factor shows it."""

    urlname = "second_step"

    def handle(self) -> tuple[HttpResponseBase | None, bool]:
        """Ask for the factor, in a session under a new key: the one from before the password is worth nothing.

        Not where their provider asked for one (P15).
        """
        by_provider = provider_sign_in(self.request, self.login.user)
        spared = by_provider and by_provider["showed_factor"] and not self.login.user.roles & KEEPS_PASSWORD
        if spared or not self._should_handle(self.request):
            return None, True
        self.request.session.cycle_key()
        self.state[_PASSWORD] = self.login.user.get_session_auth_hash()
        return redirect(self.urlname), True

    def still_counts(self) -> bool:
        """Tell whether the first step counts still: the person is active, and has the same password."""
        person: User = self.login.user
        return person.is_active and hmac.compare_digest(self.state.get(_PASSWORD, ""), person.get_session_auth_hash())


def factor_shown(request: HttpRequest) -> Factor | None:
    """Return the second factor that was shown last in this session; None where there was none."""
    records: list[dict[str, Any]] = get_authentication_records(request, request.user)
    shown = [record["type"] for record in records if record.get("method") == "mfa"]
    if shown:
        return factor_of(shown[-1])
    by_provider = provider_sign_in(request, request.user)
    return Factor.PROVIDER if by_provider and by_provider["showed_factor"] else None


def provider_sign_in(request: HttpRequest, person: Any) -> dict[str, Any] | None:
    """Return how the provider of their organisation signed a person in; None where the last first step was another."""
    first_steps = [
        record
        for record in get_authentication_records(request, person)
        if record.get("method") in {"password", BY_PROVIDER} or record.get("passwordless")
    ]
    return first_steps[-1] if first_steps and first_steps[-1]["method"] == BY_PROVIDER else None


def note_provider(request: HttpRequest, person: User, *, provider: str, showed_factor: bool, at: float | None) -> None:
    """Note in the session that a provider signed a person in, with the key of their organisation there.

    at: when it asked them who they are; None where it does not say.
    """
    clear_authentication_records(request)
    record_authentication(request, person, BY_PROVIDER, provider=provider, showed_factor=showed_factor, asked_at=at)


def check_code(request: HttpRequest, person: User, code: str) -> Any:
    """Return the row of the factor that a typed code is of, and use the code up.

    Wrong ones count as failures of this person, by the limits of wrong passwords (P14). Raises Refused.
    """
    return _counted(request, person, "code", lambda: use_code(person, code))


def check_password(request: HttpRequest, person: User, password: str) -> None:
    """Let through a person who types their password once more; counted as above. Raises Refused."""
    _counted(request, person, "password", lambda: person.check_password(password))


def _counted(request: HttpRequest, person: User, what: str, check: Callable[[], Any]) -> Any:
    """Return what a check found, and count one that found nothing."""
    known = known_browsers.counter_of_codes_at(request, person) if what == "code" else None
    counter = known if what == "code" else known_browsers.counter_at(request, person.email)
    limit = {"action": _FAILED, "key": f"{what} {person.pk}"}
    if counter is not None:
        limit = {"action": _FAILED_IN_KNOWN_BROWSER, "key": f"{what} {counter}"}
    counted = ratelimit.consume(request, app="allauth.account", **limit)
    found = check() if counted else None
    if not found:
        events.count_failed_sign_in(person.email, get_adapter().get_client_ip(request))
        raise Refused(_WRONG[what] if counted else _TOO_MANY, what)
    counted.rollback()
    return found


def note_factor(request: HttpRequest, person: User, row: Any, *, alone: bool = False) -> None:
    """Note in the session that a factor was shown, and on its row when. alone: in place of the password too."""
    row.user = person
    post_authentication(request, row, passwordless=alone)
