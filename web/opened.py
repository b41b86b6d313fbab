"""Writes down what external users open in a console, before they see it (R23).

What a page is about is read from its URL: the name of the page, the id of its object, and what it was filtered by.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.db import DatabaseError, InterfaceError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template import loader
from django.urls import reverse

from accounts.console_sessions.opened import Opened, note_opened
from accounts.models import ConsoleSession
from web.middleware import is_background
from web.requests import ConsoleRequest, SignedInRequest

logger = logging.getLogger(__name__)

# What an object is called, by the argument of the URL that names it; the last one of a URL counts.
TITLES: Final = {
    "user_id": "SELECT email FROM accounts_user WHERE id = %(user_id)s AND customer_id = %(customer)s",
    "group_id": "SELECT email FROM accounts_directorygroup WHERE id = %(group_id)s AND customer_id = %(customer)s",
    "unit_id": "SELECT name FROM accounts_orgunit WHERE id = %(unit_id)s AND customer_id = %(customer)s",
    "device_id": "SELECT serial_number FROM accounts_device WHERE id = %(device_id)s AND customer_id = %(customer)s",
    "job_id": "SELECT arguments->>'file' FROM accounts_job WHERE id = %(job_id)s AND customer_id = %(customer)s",
    "subscription_id": """
        SELECT sku.name FROM subscriptions_subscription bought JOIN subscriptions_sku sku ON sku.id = bought.sku_id
        WHERE bought.id = %(subscription_id)s AND bought.customer_id = %(customer)s""",
    "case_id": "SELECT title FROM support_case WHERE id = %(case_id)s AND customer_id = %(customer)s",
    "file_id": """
        SELECT file.name FROM support_attachment file JOIN support_case of ON of.id = file.case_id
        WHERE file.id = %(file_id)s AND of.id = %(case_id)s AND of.customer_id = %(customer)s""",
}
# Parts that a page asks for by itself, with the page that they belong to.
PARTS: Final = {"job_state": "job"}
# Where a list goes on is no filter.
_PLACE: Final = ("after", "before")
# Seconds after which it is worth asking again.
_RETRY_AFTER: Final = 10
# The page whose list of people a search from outside the console shows a part of.
SEARCH: Final = "console_search"


class NotNoted(Exception):
    """What a person from outside would see could not be written down, so it is not shown."""


def seen_by(request: ConsoleRequest, kwargs: Mapping[str, Any], answer: HttpResponseBase) -> HttpResponseBase:
    """Return the answer after what it shows was written down; 503 where that cannot be.

    Nothing is written for a redirect, which shows nothing, and what a page asks for by itself counts only once.
    """
    if 300 <= answer.status_code < 400 or answer.status_code == 204:
        return answer
    try:
        _note(request.console_session_id, _opened(request, kwargs), counts=not is_background(request))
    except NotNoted:
        return unavailable()
    return answer


def note_search(request: SignedInRequest, visit: ConsoleSession, text: str, *, rows: int) -> None:
    """Write down that people of a console were searched from the reseller's own pages. Raises NotNoted."""
    asked = Opened(page=SEARCH, path="search/", filter=urlencode({"q": text}), rows=rows)
    _note(visit.pk, asked, counts=not is_background(request))


def unavailable() -> HttpResponse:
    """Return the answer in place of what could not be written down."""
    page = loader.render_to_string("503.html")
    return HttpResponse(page, status=503, headers={"Retry-After": str(_RETRY_AFTER)})


def _note(visit_id: int, opened: Opened, *, counts: bool) -> None:
    try:
        note_opened(visit_id, opened, counts=counts)
    except (DatabaseError, InterfaceError) as error:
        logger.exception("what was opened in visit %s could not be written down", visit_id)
        raise NotNoted from error


def _opened(request: ConsoleRequest, kwargs: Mapping[str, Any]) -> Opened:
    match = request.resolver_match
    assert match is not None
    name = PARTS.get(match.url_name or "", match.url_name or "")
    named = [argument for argument in kwargs if argument in TITLES]
    query = request.GET.copy()
    for key in _PLACE:
        query.pop(key, None)
    home = reverse("console_home", kwargs={"domain": request.customer.primary_domain})
    url = reverse(name, kwargs=match.kwargs) if name != match.url_name else request.path
    return Opened(
        page=name,
        path=url.removeprefix(home),
        filter=query.urlencode() if name == match.url_name else "",
        rows=getattr(request, "rows_shown", None),
        title=TITLES[named[-1]] if named else "NULL",
        about={**kwargs, "customer": request.customer.pk},
    )
