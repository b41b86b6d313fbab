from __future__ import annotations

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from accounts.locking import is_busy
from reseller_console.kept_form import kept_form

logger = logging.getLogger(__name__)

# Seconds after which it is worth asking again: a lock is had for as long as a verb works, a server starts in a few.
BUSY_RETRY_AFTER, AWAY_RETRY_AFTER = 2, 10


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form is from another session; what was typed can be got back with the back button."""
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 where someone else was in the way or PostgreSQL is away, and 500 otherwise. The pages need no query.

    With 503 nothing that was typed is lost: the page sends the form again.
    """
    error = sys.exc_info()[1]
    if is_busy(error):
        return _once_more(request, "503_busy.html", BUSY_RETRY_AFTER)
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("the database is away")
        return _once_more(request, "503.html", AWAY_RETRY_AFTER)
    return HttpResponse(loader.render_to_string("500.html"), status=500)


def _once_more(request: HttpRequest, template: str, seconds: int) -> HttpResponse:
    page = loader.render_to_string(template, kept_form(request))
    return HttpResponse(page, status=503, headers={"Retry-After": str(seconds)})
