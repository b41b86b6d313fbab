"""What every answer carries, and the name of the cookie that holds messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

# Another site neither embeds nor reads anything of ours, and none of our pages loads anything of another site.
# Features of the browser that no page of ours uses are off, also for a script that got in.
HEADERS: Final = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            *("accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera", "display-capture"),
            *("encrypted-media", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer"),
            *("microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "usb"),
            "xr-spatial-tracking",
        )
    ),
}


def isolated(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Put HEADERS on every answer, whichever part of the product gave it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    return middleware


class Policy(CSPMiddleware):
    """Puts the policy of the settings on every page; made anew only for a view that changes it (`csp.decorators`).

    The package makes it twice for each answer, a twentieth of the time of a page without a list.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self._usual = build_policy()

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """As in the package, with a policy that is there already."""
        if any(name.startswith("_csp_") for name in (*vars(request), *vars(response))):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._usual)
        return response


class _HostCookie(CookieStorage):
    """Under a name that browsers take from this host alone, over HTTPS and for every path."""

    cookie_name = "__Host-messages" if settings.SECURE else "messages"


class HostMessages(FallbackStorage):
    """Django's own storage of messages, with the cookie above."""

    storage_classes = (_HostCookie, SessionStorage)
