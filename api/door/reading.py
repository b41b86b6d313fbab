"""What arrives at the door: nothing that is no text, over HTTPS, in one form, and short."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest
from django.http import HttpRequest

from api.core.entrance import require_secure
from api.core.lines import require_readable_lines
from api.door.answers import OAuthError

# Bytes: the longest assertion, and what else stands in a form.
_LONGEST: Final = 64_000
_FORM: Final = "application/x-www-form-urlencoded"


def require_readable(request: HttpRequest) -> None:
    """Refuse a request with NUL or with bytes that are no text, anywhere in it, before anything reads it."""
    require_secure(request)
    require_readable_lines(request)
    if request.method == "POST":
        _require_form(request)


def _require_form(request: HttpRequest) -> None:
    if int(request.META.get("CONTENT_LENGTH") or 0) > _LONGEST:
        raise OAuthError(413, "invalid_request", f"Send at most {_LONGEST} bytes.")
    # The endpoints take nothing else; a client may leave the type out where it sends nothing.
    if request.body and request.content_type != _FORM:
        raise OAuthError(400, "invalid_request", f"Send {_FORM}.")
    _require_text(request.body)


def _require_text(raw: bytes) -> None:
    """raw: names and values as they arrive, percent-encoded. Raises BadRequest."""
    typed = unquote_to_bytes(raw)
    if b"\0" in typed:
        raise BadRequest("NUL cannot be typed.")
    try:
        typed.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("This is no text in UTF-8.") from error
