"""What arrives: the same is refused here that no page takes (reseller_console/input.py), before anything reads it."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn
from urllib.parse import unquote_to_bytes

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from scim2_models import InvalidSyntaxException, InvalidValueException, PayloadTooLargeException, SCIMException

from api.scim.published import LONGEST_PAGE, PAGE

# Bytes of a request: a group with some 8,000 members.
LONGEST_BODY: Final = 1_000_000
_TYPES: Final = {"application/scim+json", "application/json", ""}
# More digits are no place in a list, and do not fit into PostgreSQL's bigint.
_DIGITS: Final = 15


class UnsupportedMediaType(SCIMException):
    """What was sent is not JSON."""

    status = 415
    _default_detail = "Send application/scim+json in UTF-8"


def require_readable_lines(request: HttpRequest) -> None:
    """Refuse a URL or a header with NUL, or with bytes that are no text."""
    query = unquote_to_bytes(request.META.get("QUERY_STRING", "").encode("latin-1", "replace"))
    headers = [str(value) for name, value in request.META.items() if name.startswith("HTTP_")]
    if b"\0" in query or any("\0" in line for line in (request.path_info, *headers)):
        raise InvalidSyntaxException(detail="NUL cannot be typed")
    try:
        query.decode()
    except UnicodeDecodeError as error:
        raise InvalidSyntaxException(detail="This is no text in UTF-8") from error


def payload_of(request: HttpRequest) -> dict[str, Any]:
    """Return the object that was sent. Raises SCIMException for what is none, or could not be stored."""
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if request.content_type not in _TYPES or charset not in {"utf-8", "utf8"}:
        raise UnsupportedMediaType
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY:
        raise PayloadTooLargeException(detail=f"Send at most {LONGEST_BODY} bytes")
    try:
        payload = json.loads(request.body.decode(), parse_constant=_refuse_constant)
        # What JSON can say and no text can hold: halves of a pair of surrogates.
        stored = json.dumps(payload, ensure_ascii=False).encode()
    except RequestDataTooBig as error:
        raise PayloadTooLargeException from error
    except (ValueError, RecursionError, UnreadablePostError) as error:
        raise InvalidSyntaxException(detail="The request is not JSON, or ended before its JSON did") from error
    if b"\\u0000" in stored:
        raise InvalidValueException(detail="NUL cannot be stored")
    if not isinstance(payload, dict):
        raise InvalidSyntaxException(detail="The request is not a JSON object")
    return payload


def page_of(request: HttpRequest) -> tuple[int, int]:
    """Return how many rows come before those that are asked for, and how many are."""
    start, count = _number(request, "startIndex", 1), _number(request, "count", PAGE)
    return max(start, 1) - 1, min(max(count, 0), LONGEST_PAGE)


def _number(request: HttpRequest, name: str, default: int) -> int:
    typed = request.GET.get(name, "").strip()
    if not typed:
        return default
    digits = typed.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidValueException(detail=f"{name} is not a number")
    number = int(digits[:_DIGITS]) if len(digits) <= _DIGITS else 10**_DIGITS
    return -number if digits != typed else number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
