"""How every search answers: a list below the field while a person types, and a page of its own without script."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from django.db import OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from accounts.locking import took_too_long
from web.requests import SignedInRequest, note_rows
from web.search.results import FEW, MANY, Asked, Found, Group, with_results

logger = logging.getLogger(__name__)

# The id of the element that htmx puts an answer into while a person types in the top bar.
BELOW_THE_FIELD = "search-found"
NO_LINE = "search"

Finder = Callable[[Asked], list[Group]]


def asked_in(request: SignedInRequest) -> Asked:
    """Return what a request asks for: fewer results where they stand below the field."""
    is_below = request.htmx and request.htmx.target == BELOW_THE_FIELD
    return Asked.typed(request.GET.get("q", ""), FEW if is_below else MANY)


def answered(request: SignedInRequest, base: str, asked: Asked, finders: Sequence[Finder]) -> HttpResponse:
    """Ask each finder and show what they found.

    base: the template of the console's pages.
    """
    found = _found(asked, finders) if asked.text else Found()
    # Beside every page: it belongs to no line of the menu, whatever its URL lies below.
    request.stands_under = NO_LINE
    # What is read here without a click on it is a list too (R23).
    note_rows(request, found.number)
    template = "search/page.html"
    if request.htmx:
        template = "search/below.html" if asked.shown == FEW else "search/found.html"
    response = render(request, template, {"base": base, "asked": asked, "found": found})
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _found(asked: Asked, finders: Sequence[Finder]) -> Found:
    """Ask one after the other; what the database stops ends the search, and what was found before it is shown."""
    found = Found()
    try:
        for finder in finders:
            found.groups += with_results(finder(asked))
    except OperationalError as error:
        if not took_too_long(error):
            raise
        logger.warning("a search took longer than a statement may")
        found.is_late = True
    return found
