"""Counts each answer, and writes a line about it."""

from __future__ import annotations

import logging
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from reseller_console.metrics import counted
from reseller_console.requests import GetResponse, page_of

logger = logging.getLogger(__name__)


def measured(get_response: GetResponse) -> GetResponse:
    """Count each answer and, with LOG_FORMAT json, write a line about it: of which page, never of which URL."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        with counted.UNDER_WAY.track_inprogress():
            response = get_response(request)
        seconds, page, method = time.perf_counter() - began, page_of(request), str(request.method)
        counted.count(page=page, method=method, status=response.status_code, seconds=seconds)
        if settings.LOG_FORMAT == "json":
            taken = {"method": method, "status": response.status_code, "duration": round(seconds, 4)}
            logger.info("%s %s", method, page or counted.NO_PAGE, extra={"measured": taken})
        return response

    return middleware
