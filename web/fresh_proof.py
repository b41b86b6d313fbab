"""What a person sent waits for a fresh proof, and is saved after it without another click (P13).

A verb that gives raises ProofNeeded (accounts/proof.py). Then what was sent is kept for minutes, encrypted with a key
that the browser alone has (accounts/keeping.py), under a random name in the session, and the person is led to the page
that asks who they are. From there they come back to the same URL with that name: the request is then what was sent
before, and goes once through the same view with the same guard. It had passed the check of its CSRF token; the name
is in no other session, and is gone when it was used.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import keeping
from accounts.proof import ProofNeeded, is_fresh
from web.unsaved import page_before

# The pages that can give, by the names of their URLs: the test sends each form of the product with a proof that is too
# old, and these and no others ask (tests/contract/test_fresh_proof.py).
GIVES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "reseller_access": "a box was ticked, or access made wider or longer",
        "reseller_access_retry": "what failed is given again",
        "operations_retry": "the same, by an operator",
        "operations_organisation_new": "a customer or a reseller comes to be",
        "operations_reseller_restore": "a reseller has again what its customers allow",
        "operations_person_new": "a super admin, or an operator, among new people",
        "operations_person_restore": "a suspended super admin, or operator, is restored",
        "operations_person_roles": "a person is made a super admin, or an operator",
        "operations_person_link": "the password of an admin: with it, what they can give",
        "operations_domain_verify": "an organisation has a domain, and gives addresses there",
        "operations_limit_lift": "those who were stopped can try again",
        "access_request": "a request is approved",
        "activation_approve": "an agent is let in",
        "reseller_activation_approve": "the same, by an admin of the reseller",
        "proposal": "what another super admin proposed is approved",
        "user_roles": "a person is made a super admin",
        "admin_role_assign": "the same",
        "user_reset_password": "the password of a super admin: with it, what they can give",
        "user_edit": "the address of a super admin, to which links for a password are sent",
        "reseller_agent_password": "the password of an admin of the reseller",
        "reseller_access_rules": "longer, wider or less approved access than the rules allowed before",
        "user_restore": "a suspended super admin is restored",
        "users_bulk": "super admins among several people are restored",
        "reseller_customer_new": "the first super admin of a customer",
        "support_contract_new": "a support contract opens the console",
        "transfer": "a reseller can take subscriptions over",
        "provisioning_new": "a program can make and change people and groups",
        "provisioning_replace": "the same, with a token in the place of another",
        "reseller_provisioning_new": "the same, with the people of a reseller",
        "reseller_provisioning_replace": "the same",
        "service_account_new": "a machine can act for people",
        "service_account_scopes": "a machine can do more",
        "service_account_restore": "a machine works again",
        "service_account_key_new": "a key with which a machine acts",
        "service_account_key_rotate": "the same, in the place of another",
        "reseller_service_account_new": "a machine of a reseller can act for its people",
        "reseller_service_account_scopes": "the same, that it can do more",
        "reseller_service_account_restore": "the same, that it works again",
        "reseller_service_account_key_new": "the same, a key of it",
        "reseller_service_account_key_rotate": "the same",
        "application_new": "an application can ask people to act for them",
        "reseller_application_new": "the same, of a reseller",
        "application_change": "an application can ask for more, or lead people elsewhere",
        "reseller_application_change": "the same, of a reseller",
        "application_secret": "who has the new secret can say that it is the application",
        "reseller_application_secret": "the same, of a reseller",
        "oauth_consent": "an application can act for a person",
        "webhook_new": "a program hears of what happens in the organisation",
        "webhook_rotate": "the same, with another secret to sign with",
        "webhook_resume": "the same, after it was paused",
        "reseller_webhook_new": "the same, of a reseller",
        "reseller_webhook_rotate": "the same",
        "reseller_webhook_resume": "the same",
        "single_sign_on_on": "another way to sign in, for everybody in the organisation",
        "reseller_single_sign_on_on": "the same",
        "second_factor_app": "another way to sign in",
        "passkey_add": "another way to sign in",
        "user_lost_factor": "a second factor is asked for no more",
        "operations_lost_factors": "the same, by an operator",
        "factor_remove": "a way to sign in that is asked for no more",
        "recovery_codes": "ten more ways to sign in",
    }
)
PARAMETER: Final = "proved"
_WAITING: Final = "waiting_for_proof"
# Long enough to find a telephone; the proof itself lasts as long.
_LASTS: Final = timedelta(minutes=10)
# Of one session, the newest: more tabs than anyone proves themselves in.
_MOST: Final = 5
_LONGEST: Final = 200_000  # characters of a form, as web/unsaved.py has it


class FreshProof:
    """The middleware: leads to the proof, and comes back from it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> None:
        """Make a request that comes back from the proof into what was sent before it."""
        if request.method == "GET" and PARAMETER in request.GET and request.user.is_authenticated:
            name = _without_parameter(request)
            typed = _taken(request, name)
            if typed is None:
                messages.warning(request, _("What you sent waits no more. Look at the page, and save it again."))
            else:
                request.method, request.POST = "POST", QueryDict(typed)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Ask for the proof where a verb found that something is given."""
        return _ask(request) if isinstance(exception, ProofNeeded) else None


def back_from(request: HttpRequest, name: str) -> str | None:
    """Return where a person was who is asked for a proof; None where nothing waits under this name."""
    waiting = request.session.get(_WAITING, {}).get(name)
    return waiting["back"] if waiting else None


def onward_to(request: HttpRequest, name: str) -> str | None:
    """Return the URL at which what waits under this name is saved, once the proof is there."""
    waiting = request.session.get(_WAITING, {}).get(name)
    if waiting is None:
        return None
    url: str = waiting["url"]
    return f"{url}{'&' if '?' in url else '?'}{urlencode({PARAMETER: name})}" if waiting["sent"] else url


def _ask(request: HttpRequest) -> HttpResponse:
    name, typed = secrets.token_urlsafe(16), _typed(request)
    sent = request.method == "POST" and not request.FILES and len(typed) <= _LONGEST
    back = page_before(request)
    entry = {"url": _address(request) if sent or request.method != "POST" else back, "back": back, "sent": sent}
    newest = list(request.session.get(_WAITING, {}).items())[-_MOST + 1 :]
    request.session[_WAITING] = {**dict(newest), name: entry}
    if request.method == "POST" and not sent:
        messages.warning(request, _("Files cannot wait for the proof. Choose them again after it."))
    url = f"{reverse('fresh_proof')}?{urlencode({'for': name})}"
    response: HttpResponse = HttpResponseRedirect(url)
    if "HX-Request" in request.headers:
        response = HttpResponse(status=204, headers={"HX-Redirect": url})
    if sent:
        assert request.user.is_authenticated
        keeping.keep(request, response, person_id=request.user.pk, place=_place(name), text=typed, lasts=_LASTS)
    return response


def _typed(request: HttpRequest) -> str:
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    return typed.urlencode()


def _place(name: str) -> str:
    return f"fresh proof {name}"


def _address(request: HttpRequest) -> str:
    """Return the URL of a request in one spelling, without the name of what waited for it."""
    given = request.GET.copy()
    given.pop(PARAMETER, None)
    query = given.urlencode()
    return f"{request.path}?{query}" if query else request.path


def _without_parameter(request: HttpRequest) -> str:
    """Take the name out of the request, so that the view finds the URL as it was."""
    given = request.GET.copy()
    name = str(given.pop(PARAMETER)[-1])
    request.META["QUERY_STRING"] = given.urlencode()
    request.GET = QueryDict(given.urlencode())  # one that nobody changes
    return name


def _taken(request: HttpRequest, name: str) -> str | None:
    """Return what was sent to this URL and waited for the proof, once; None where there is no such thing."""
    assert request.user.is_authenticated
    waiting = dict(request.session.get(_WAITING, {}))
    entry = waiting.pop(name, None)
    if entry is None or entry["url"] != _address(request) or not is_fresh(request.session):
        return None
    request.session[_WAITING] = waiting
    return keeping.take(request, person=request.user, place=_place(name))
