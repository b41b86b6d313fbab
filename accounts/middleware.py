"""What holds for every request of a signed-in person: time-outs, language, time zone."""

from __future__ import annotations

import time
import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

GetResponse = Callable[[HttpRequest], HttpResponse]
SIGNED_IN_AT = "signed_in_at"
LAST_SEEN_AT = "last_seen_at"
# Seconds between two writes of "last seen", so that most requests do not write the session.
LAST_SEEN_PRECISION = 60


def session_timeouts(get_response: GetResponse) -> GetResponse:
    """Sign out whoever was idle for SESSION_IDLE_TIMEOUT or signed in for SESSION_ABSOLUTE_TIMEOUT seconds."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = time.time()
            signed_in_at = request.session.setdefault(SIGNED_IN_AT, now)
            last_seen_at = request.session.get(LAST_SEEN_AT, now)
            if (
                now - last_seen_at > settings.SESSION_IDLE_TIMEOUT
                or now - signed_in_at > settings.SESSION_ABSOLUTE_TIMEOUT
            ):
                logout(request)
            elif LAST_SEEN_AT not in request.session or now - last_seen_at > LAST_SEEN_PRECISION:
                request.session[LAST_SEEN_AT] = now
        return get_response(request)

    return middleware


def preferences(get_response: GetResponse) -> GetResponse:
    """Answer in the person's language and time zone; signed out, in the language the browser asks for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        language = (user.language if user.is_authenticated else "") or translation.get_language_from_request(request)
        zone = user.time_zone if user.is_authenticated else settings.TIME_ZONE
        with translation.override(language), timezone.override(_zone(zone)):
            request.LANGUAGE_CODE = language
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    return middleware


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)
