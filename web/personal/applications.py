"""What a person allows applications: the page that asks, and the list of what they allowed (X7)."""

from __future__ import annotations

from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.applications.allowing import consents_of
from accounts.applications.ending import remove_application
from accounts.applications.protocol import Asked, Declined, NoApplication, allowed, asked_in, refused
from accounts.ids import is_id
from accounts.machines.scopes import SCOPES
from accounts.proof import ProofNeeded, is_fresh
from web import shown_once
from web.guards import signed_in
from web.lists.pages import page_of
from web.requests import SignedInRequest
from web.unsaved import is_shown_again


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def oauth_consent(request: SignedInRequest) -> HttpResponse:
    """Ask a person whether an application of their organisation may act for them, and lead them back to it."""
    try:
        if request.method == "POST" and not is_shown_again(request):
            answer = allowed if request.POST.get("answer") == "allow" else refused
            return _led_to(request, answer(request, Actor.of(request)))
        asked = asked_in(request, Actor(user=request.user))
    except NoApplication:
        return render(request, "applications/no_application.html", status=404)
    except Declined as declined:
        return _led_to(request, declined.url)
    if "login" in asked.prompt and not is_fresh(request.session):
        raise ProofNeeded
    page = render(request, "applications/consent.html", _question(request, asked))
    # What the form is answered with leads there.
    csp_update({"form-action": [_source(asked.led_to)]})(lambda _request: page)(request)
    return page


def _source(url: str) -> str:
    """Return where a URL leads as a policy names it; an address of IPv6 has no name there, and is allowed by scheme."""
    place = urlsplit(url)
    return "http:" if ":" in (place.hostname or "") else f"{place.scheme}://{place.netloc}"


def _question(request: SignedInRequest, asked: Asked) -> dict[str, object]:
    hint = request.GET.get("login_hint", "").strip()
    place = urlsplit(asked.led_to)
    return {
        "account": asked.account,
        "organisation": request.user.organisation_name,
        "scopes": _words_of(asked.scopes),
        "led_to": f"{place.scheme}://{place.netloc}",
        # Whom the application knows: by address, or by the number of its id tokens.
        "meant": hint if "@" in hint and hint.lower() != request.user.email else "",
    }


def _led_to(request: SignedInRequest, url: str) -> HttpResponse:
    """Lead a person to an application.

    Where they come from another form, a sign-in or a fresh proof, by a page: its policy lets that lead nowhere else.
    """
    if request.META["REQUEST_METHOD"] != "POST":
        return render(request, "applications/led_back.html", {"url": url})
    return shown_once.SeeOther(url)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def own_applications(request: SignedInRequest) -> HttpResponse:
    """List what the person allows; a POST removes the one that it names."""
    named = request.POST.get("consent")
    if request.method == "POST" and not is_shown_again(request):
        if named and is_id(named) and remove_application(actor=Actor.of(request), consent_id=int(named)):
            messages.success(request, _("Removed. The application does nothing from its next call on."))
        else:
            messages.info(request, _("That was over already."))
        return redirect("own_applications")
    found = page_of(request, consents_of(request.user), "own applications")
    rows = [(consent, _words_of(consent.scopes)) for consent in found.rows]
    return render(request, "applications/own.html", {"rows": rows, "pager": found.pager})


def _words_of(scopes: list[str]) -> list[str]:
    """Return in words what scopes open, each once: two of them may open the same."""
    return list(dict.fromkeys(str(words) for scope, words in SCOPES.items() if scope in scopes))
