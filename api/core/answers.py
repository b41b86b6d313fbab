"""Answers as clients read them: JSON, whole or in part, with an ETag, packed where the client unpacks."""

from __future__ import annotations

import gzip
import json
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from api.core.documents import Document, Endpoint
from api.core.enums import numbered
from api.core.envelopes import newer, older
from api.core.errors import ApiError
from api.core.etags import is_known, stamped
from api.core.fields import cut, shows_etags
from api.core.queries import Options

MEDIA_TYPE: Final = "application/json; charset=UTF-8"
# Bytes. Less is not worth packing: it fits into one packet.
_WORTH_PACKING: Final = 1_400
# The quickest: it makes 500 people a tenth, and the next levels take twice as long for a few per cent.
_LEVEL: Final = 1


def answered(request: HttpRequest, endpoint: Endpoint, answer: dict[str, Any], options: Options) -> HttpResponse:
    """Return a resource as the client wants to read it."""
    document, schema = endpoint.document, endpoint.response
    known = request.headers.get("If-None-Match", "") if request.method in ("GET", "HEAD") else ""
    # The ETag is that of the whole resource, so that any part of it can be compared with.
    if options.fields and not known and not shows_etags(options.fields, endpoint):
        return _text(request, _formed(cut(answer, options.fields, document, schema), document, schema, options))
    text, etag = stamped(answer, document, schema)
    if known and is_known(known, etag):
        return HttpResponse(status=304, headers={"ETag": etag})
    if options.fields or options.is_pretty or options.enums_as_numbers:
        shown = json.loads(text)
        if options.fields:
            shown = cut(shown, options.fields, document, schema)
        text = _formed(shown, document, schema, options)
    response = _text(request, text)
    response.headers["ETag"] = etag
    return response


def refused(request: HttpRequest, error: ApiError, document: Document | None = None) -> HttpResponse:
    """Return an error in the envelope of its API; of none: in that of the older ones."""
    said = newer(error) if document is not None and not document.is_older else older(error)
    response = _text(request, json.dumps(said, ensure_ascii=False), error.status)
    for name, value in error.headers.items():
        response.headers[name] = value
    return response


def plain(request: HttpRequest, answer: Any) -> HttpResponse:
    """Return JSON that is no resource of a document."""
    return _text(request, json.dumps(answer, ensure_ascii=False, separators=(",", ":")))


def without_body(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Return the answer to HEAD: what GET has, without its body."""
    if request.method == "HEAD" and isinstance(response, HttpResponse):
        length = len(response.content)
        response.content = b""
        response.headers["Content-Length"] = str(length)
    return response


def _formed(shown: dict[str, Any], document: Document, schema: Any, options: Options) -> str:
    if options.enums_as_numbers:
        shown = numbered(shown, document, schema)
    if options.is_pretty:
        return json.dumps(shown, ensure_ascii=False, indent=2) + "\n"
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def _text(request: HttpRequest, text: str, status: int = 200) -> HttpResponse:
    raw, headers = text.encode(), {"Vary": "Accept-Encoding, Authorization"}
    if len(raw) > _WORTH_PACKING and "gzip" in request.headers.get("Accept-Encoding", ""):
        raw, headers["Content-Encoding"] = gzip.compress(raw, _LEVEL, mtime=0), "gzip"
    return HttpResponse(raw, status=status, content_type=MEDIA_TYPE, headers=headers)
