"""Leading a browser to the provider of an organisation (P15)."""

from __future__ import annotations

from typing import Any, Final

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.errors import Refused
from accounts.models import IdentityProvider
from accounts.single_sign_on.client import ProviderSilent, begin

# Why a person is sent to the provider.
SIGN_IN: Final = "sign_in"
PROOF: Final = "proof"
TEST: Final = "test"


def led_to_provider(
    request: HttpRequest,
    provider: IdentityProvider,
    *,
    errand: str = SIGN_IN,
    address: str = "",
    next_url: str | None = None,
    waiting: str = "",
) -> HttpResponse:
    """Lead the browser to a provider: by a page of ours, since a form may not be redirected to another host (CSP).

    address: whom to suggest there. waiting: the name of what waits for a fresh proof.
    """
    said: dict[str, Any] = {"next": next_url, "waiting": waiting}
    if errand != SIGN_IN:
        said["person"] = request.user.pk
    try:
        url = begin(request, provider, errand=errand, said=said, address=address, is_fresh=errand != SIGN_IN)
    except Refused as refused:
        return failed(request, refused)
    return render(request, "account/to_provider.html", {"url": url, "address": address})


def failed(request: HttpRequest, refused: Refused, *, status: int = 400) -> HttpResponse:
    """Say why nobody was signed in, and which ways are left."""
    status = 503 if isinstance(refused, ProviderSilent) else status
    return render(request, "account/provider_failed.html", {"reason": refused.message}, status=status)


def too_often(request: HttpRequest) -> HttpResponse | None:
    """Refuse who lets us ask providers all the time: each waits for an answer, and keeps others from theirs."""
    refused: HttpResponse | None = ratelimit.consume_or_429(request, action="provider_asked")
    return refused
