"""What pages do with rows that were selected in a list."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, QueryDict
from django.utils.translation import ngettext


def as_filtered(url: str, request: HttpRequest) -> str:
    """Return a list with the filter that a form was sent with, whatever someone wrote into it: only a query."""
    query = QueryDict(request.POST.get("filter", "")[:2000]).urlencode()
    return f"{url}?{query}" if query else url


def say_what_is_gone(request: HttpRequest, *, selected: int, found: int) -> None:
    """Say how many of the rows selected this person does not see, or not any more; 404 where that is all of them.

    Rows stay selected over pages, so one may be gone meanwhile: it is passed over.
    """
    if not found:
        raise Http404
    if gone := selected - found:
        text = ngettext(
            "%(number)s selected row is not there any more.", "%(number)s selected rows are not there any more.", gone
        )
        messages.warning(request, text % {"number": gone})
