"""Which request this thread is answering: its number, and what the lines of the log say of it.

Imported before the applications are, and by gunicorn's master: it knows no model and counts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]

HEADER: Final = "X-Request-ID"
# The front makes one of 32 digits (deploy/nginx.conf); what else arrives is no number of ours, and could be anything.
_NUMBER: Final = re.compile(r"[A-Za-z0-9-]{16,64}")


@dataclass(frozen=True, slots=True)
class Answering:
    """A request, and the number that its lines in the log carry."""

    request: HttpRequest
    number: str


# Of this thread.
_answering: ContextVar[Answering | None] = ContextVar("answering", default=None)


def answering() -> Answering | None:
    """Return what this thread is answering; None in a worker, a command, and between two requests."""
    return _answering.get()


def numbered(get_response: GetResponse) -> GetResponse:
    """Give each request a number, the front's where it has one, and its answer too."""

    def middleware(request: HttpRequest) -> HttpResponse:
        sent = request.headers.get(HEADER, "")
        number = sent if _NUMBER.fullmatch(sent) else uuid4().hex
        token = _answering.set(Answering(request, number))
        try:
            response = get_response(request)
        finally:
            _answering.reset(token)
        response.headers[HEADER] = number
        return response

    return middleware


def page_of(request: HttpRequest) -> str:
    """Return the name of the URL of a request; empty where it is none, or not known yet."""
    match = request.resolver_match
    return match.view_name if match else ""


def about(found: Answering) -> dict[str, Any]:
    """Return what a line of the log says of a request: numbers and names of pages. It asks the database nothing."""
    request = found.request
    said: dict[str, Any] = {"request_id": found.number}
    if page := page_of(request):
        said["page"] = page
    # What has been loaded for the page, and nothing more.
    person = getattr(request, "_cached_user", None)
    if person is not None and person.is_authenticated:
        said |= {"actor": person.pk, "organisation": _organisation(person)}
    if token := getattr(request, "token", None):
        said |= {"actor": f"SCIM token {token.pk}", "organisation": _organisation(token)}
    if customer := getattr(request, "customer", None):
        said["console_of"] = f"customer {customer.pk}"
    return said


def _organisation(whose: Any) -> str:
    """Return the organisation of a person or a token."""
    if whose.customer_id:
        return f"customer {whose.customer_id}"
    return f"reseller {whose.reseller_id}" if whose.reseller_id else "vendor"
