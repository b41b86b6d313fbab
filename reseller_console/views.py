from __future__ import annotations

import logging
import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views.decorators.http import require_GET

logger = logging.getLogger(__name__)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form is from another session; what was typed can be got back with the back button."""
    return render(request, "403_csrf.html", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 503 while PostgreSQL is away and 500 otherwise, with pages that need no query."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if away:
        logger.error("the database is away")
    status, template = (503, "503.html") if away else (500, "500.html")
    headers = {"Retry-After": "10"} if away else {}
    return HttpResponse(loader.render_to_string(template), status=status, headers=headers)
