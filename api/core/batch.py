"""Batches: many calls in one request, each with its own look-up of the token, its own transaction and its own answer.

The original takes 1,000 calls of one user; this service takes 100 (api.md, 16): they are made one after another within
the time that a web server gives one request.
"""

from __future__ import annotations

import secrets
from http import HTTPStatus
from io import BytesIO
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from api.core.answers import refused
from api.core.bodies import raw_body
from api.core.dispatcher import answer
from api.core.errors import ApiError, BadRequest
from api.core.lines import require_readable_lines
from api.core.multipart import Part, boundary_of, headers_of, parts, split_head
from api.core.routing import route

MOST: Final = 100
# Bytes of one batch.
_LONGEST: Final = 5_000_000
_PREFIX: Final = "/batch"
# What of a part's own headers counts: nothing that says through which proxies the request came.
_HEADERS: Final = ("authorization", "if-match", "if-none-match", "x-http-method-override", "x-goog-request-reason")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
_PARTS_ANSWER: Final = ("Content-Type", "ETag", "Retry-After", "WWW-Authenticate", "Allow", "Location")


def is_batch(path: str) -> bool:
    """Tell whether a path takes batches: of all APIs, or `/batch/<API>/<version>` of one."""
    return path == _PREFIX or path.startswith(_PREFIX + "/")


def batch(request: HttpRequest) -> HttpResponse:
    """Answer each call of a batch. Raises ApiError where the batch cannot be read; then none of them was made."""
    if request.method != "POST":
        raise ApiError(405, "httpMethodNotAllowed", "Use POST.", headers={"Allow": "POST"})
    if request.content_type != "multipart/mixed":
        raise BadRequest("Failed to parse batch request, error: send multipart/mixed.")
    calls = [_call(request, part) for part in parts(raw_body(request, _LONGEST), boundary_of(request), most=MOST)]
    if not calls:
        raise BadRequest("Failed to parse batch request, error: 0 items in the batch.")
    only = request.path_info.removeprefix(_PREFIX).strip("/")
    boundary = f"batch_{secrets.token_urlsafe(16)}"
    answers = [_written(boundary, number, name, _made(inner, only)) for name, number, inner in _numbered(calls)]
    body = b"".join(answers) + f"--{boundary}--\r\n".encode()
    return HttpResponse(body, content_type=f"multipart/mixed; boundary={boundary}")


def _numbered(calls: list[tuple[str, HttpRequest]]) -> list[tuple[str, int, HttpRequest]]:
    return [(name, number, inner) for number, (name, inner) in enumerate(calls, 1)]


def _call(request: HttpRequest, part: Part) -> tuple[str, HttpRequest]:
    """Return the name of a part, and the request in it. Raises BadRequest."""
    if part.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/http":
        raise BadRequest("Failed to parse batch request, error: each part is application/http.")
    head, body = split_head(part.body)
    first, _break, lines = head.partition(b"\n")
    try:
        method, target, *_version = first.decode("ascii").split()
        place = urlsplit(target)
    except ValueError as error:
        raise BadRequest("Failed to parse batch request, error: a part has no request line.") from error
    if method not in _METHODS:
        raise BadRequest(f"Failed to parse batch request, error: {method[:20]} is no method.")
    headers = headers_of(lines)
    environ: dict[str, Any] = {
        **{name: value for name, value in request.META.items() if name in _KEPT},
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote(place.path, encoding="latin-1"),
        "QUERY_STRING": place.query,
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": headers[name] for name in _HEADERS if name in headers}
    try:
        return part.headers.get("content-id", "").strip("<>"), WSGIRequest(environ)
    except (LookupError, UnicodeError) as error:  # of a character set that Django reads the query with
        raise BadRequest("Failed to parse batch request, error: a part is not in UTF-8.") from error


# What a part has from the request around it: who asks, from where, and for which host.
_KEPT: Final = frozenset(
    {"HTTP_AUTHORIZATION", "HTTP_HOST", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_GOOG_REQUEST_REASON"}
    | {"HTTP_USER_AGENT", "REMOTE_ADDR", "SCRIPT_NAME", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"}
    | {"wsgi.url_scheme"}
)


def _made(inner: HttpRequest, only: str) -> HttpResponseBase:
    """Make one call. only: the API and version that the batch is for; empty: any."""
    method = "GET" if inner.method == "HEAD" else str(inner.method)
    found = route(method, inner.path_info)
    try:
        require_readable_lines(inner)
    except ApiError as error:
        return refused(inner, error, found.endpoint.document if found else None)
    if found is not None:
        document = found.endpoint.document
        if found.endpoint.is_upload or inner.GET.get("alt") == "media":
            return refused(inner, BadRequest("Files cannot be sent or read in a batch."), document)
        if only not in ("", f"{document.name}/{document.version}"):
            return refused(inner, ApiError(404, "notFound", f"This batch is for {only[:100]} only."), document)
    return answer(inner)


def _written(boundary: str, number: int, name: str, response: HttpResponseBase) -> bytes:
    """Return an answer as a part."""
    content = response.content if isinstance(response, HttpResponse) else b"".join(response)
    phrase = HTTPStatus(response.status_code).phrase
    own = {header: response.headers[header] for header in _PARTS_ANSWER if header in response.headers}
    own["Content-Length"] = str(len(content))
    safe = "".join(letter for letter in name if letter.isprintable())[:200] or str(number)
    lines = [
        f"--{boundary}",
        "Content-Type: application/http",
        f"Content-ID: <response-{safe}>",
        "",
        f"HTTP/1.1 {response.status_code} {phrase}",
        *(f"{header}: {value}" for header, value in own.items()),
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + content + b"\r\n"
