"""What may arrive at all: a URL and headers that are text. The same is refused of pages (reseller_console/input.py)."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from django.http import HttpRequest

from api.core.errors import BadRequest


def require_readable_lines(request: HttpRequest) -> None:
    """Refuse a URL or a header with NUL, or a query with bytes that are no text."""
    headers = [str(value) for name, value in request.META.items() if name.startswith("HTTP_")]
    if any("\0" in line for line in (request.path_info, *headers)):
        raise BadRequest("NUL cannot be typed.")
    require_readable_query(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))


def require_readable_query(raw: bytes) -> None:
    """Refuse names and values, as they arrive in a URL or a form, with NUL or with bytes that are no text."""
    query = unquote_to_bytes(raw)
    if b"\0" in query:
        raise BadRequest("NUL cannot be typed.")
    try:
        query.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("This is no text in UTF-8.") from error
