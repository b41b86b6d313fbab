"""Files that come with a call: as they are, with the rest of the call in front, or in pieces that can be gone on with.

The three protocols of the original: `uploadType=media`, `multipart` (multipart/related) and `resumable`. A piece that
the service has is never asked for again: what is missing stands in the answer 308.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from accounts.machines.uploads import add_part, begin_upload, lock_upload, parts_of
from accounts.models import ApiUpload
from api.core.bodies import LONGEST_BODY, json_of, raw_body
from api.core.documents import Endpoint
from api.core.entrance import Entered
from api.core.errors import ApiError, BadRequest
from api.core.multipart import boundary_of, parts

# Bytes of a file that stay in memory.
_IN_MEMORY: Final = 2_500_000
_RANGE: Final = re.compile(r"bytes (?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15}|\*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class File:
    """A file that has arrived."""

    content_type: str
    size: int
    file: IO[bytes]
    name: str = ""

    def open(self) -> IO[bytes]:
        """Return its bytes, from the first on."""
        self.file.seek(0)
        return self.file


@dataclass(frozen=True, slots=True)
class Received:
    """What a call with a file is made with. query: of the call. sent: the rest of it. upload: to be forgotten after."""

    file: File
    query: QueryDict
    sent: dict[str, Any]
    upload: ApiUpload | None = None


def is_piece(request: HttpRequest) -> bool:
    """Tell whether a request goes on with a file that was begun."""
    return request.method == "PUT" and bool(request.GET.get("upload_id"))


def received(request: HttpRequest, endpoint: Endpoint, entered: Entered) -> Received | HttpResponse:
    """Return the file that came, with its call; or an answer, where more of it is to come. In a transaction.

    Raises ApiError.
    """
    if is_piece(request):
        return _piece(request, endpoint, entered)
    kind = request.GET.get("uploadType") or request.headers.get("X-Goog-Upload-Protocol", "")
    if kind == "resumable":
        return _begun(request, entered)
    if (request.content_type or "").lower() == "multipart/related":
        return _related(request)
    if kind not in ("", "media", "raw", "multipart"):
        raise BadRequest("uploadType is media, multipart or resumable.")
    content, sent = raw_body(request, longest()), _named_in(request.GET, endpoint)
    file = File(request.content_type or "application/octet-stream", len(content), _stored([content]))
    return Received(file, request.GET, sent)


def longest() -> int:
    """Return how many bytes a file may have."""
    return settings.ATTACHMENT_MB * 1024 * 1024


def without_fields(query: QueryDict, endpoint: Endpoint) -> QueryDict:
    """Return a query without the fields of the body that stand in it."""
    left = query.copy()
    for name in [name for name in left if _is_field(name, endpoint)]:
        del left[name]
    return left


def _named_in(query: QueryDict, endpoint: Endpoint) -> dict[str, Any]:
    """Return the fields of the body that stand in the query: `attachment.filename=report.txt`."""
    sent: dict[str, Any] = {}
    for name in (name for name in query if _is_field(name, endpoint)):
        *path, last = name.split(".")
        inner = sent
        for part in path:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                raise BadRequest(f"{name} cannot be read.")
        inner[last] = query[name]
    return sent


def _is_field(name: str, endpoint: Endpoint) -> bool:
    properties: Mapping[str, Any] = (endpoint.request or {}).get("properties", {})
    return name not in endpoint.parameters and name.count(".") < 5 and name.partition(".")[0] in properties


def _related(request: HttpRequest) -> Received:
    """Read the two parts of multipart/related: the call as JSON, then the file."""
    raw = raw_body(request, longest() + LONGEST_BODY)
    found = list(parts(raw, boundary_of(request), most=2))
    if len(found) != 2:
        raise BadRequest("multipart/related has two parts: the call as JSON, and the file.")
    [metadata, content] = found
    if len(content.body) > longest():
        raise _too_large()
    sent, content_type = json_of(metadata.body), content.headers.get("content-type", "application/octet-stream")
    return Received(File(content_type, len(content.body), _stored([content.body])), request.GET, sent)


def _begun(request: HttpRequest, entered: Entered) -> HttpResponse:
    metadata = raw_body(request) if request.content_type in ("application/json", "") else b""
    json_of(metadata)
    size = request.headers.get("X-Upload-Content-Length", "")
    if size and not (size.isascii() and size.isdigit() and len(size) <= 15):
        raise BadRequest("X-Upload-Content-Length is a number of bytes.")
    if size and int(size) > longest():
        raise _too_large()
    text = begin_upload(
        account_id=entered.account_id,
        person_id=entered.actor.user.pk,
        path=f"{request.path_info}?{request.META.get('QUERY_STRING', '')}",
        metadata=metadata.decode(),
        content_type=request.headers.get("X-Upload-Content-Type", ""),
        size=int(size) if size else None,
    )
    place = request.build_absolute_uri(f"{request.path}?uploadType=resumable&upload_id={text}")
    return HttpResponse(status=200, headers={"Location": place, "X-GUploader-UploadID": text})


def _piece(request: HttpRequest, endpoint: Endpoint, entered: Entered) -> Received | HttpResponse:
    upload = lock_upload(request.GET["upload_id"], account_id=entered.account_id, person_id=entered.actor.user.pk)
    path, _mark, query = upload.path.partition("?") if upload else ("", "", "")
    if upload is None or path != request.path_info:
        raise ApiError(404, "notFound", "This upload is unknown, or its time is over. Begin again.")
    start, content, total = _range(request, upload)
    if content and start <= upload.received < start + len(content):
        _add(upload, content[upload.received - start :], total)
    elif total is not None:
        upload.size = total
    if upload.size is None or upload.received < upload.size:
        add_part(upload, b"")
        held = {"Range": f"bytes=0-{upload.received - 1}"} if upload.received else {}
        return HttpResponse(status=308, headers=held)
    named = QueryDict(query)
    sent = _named_in(named, endpoint) | json_of(upload.metadata.encode())
    content_type = upload.content_type or request.content_type or "application/octet-stream"
    whole = File(content_type, upload.received, _stored(parts_of(upload)))
    return Received(whole, named, sent, upload)


def _range(request: HttpRequest, upload: ApiUpload) -> tuple[int, bytes, int | None]:
    """Return where the bytes begin that came, these, and how many there are in all; None where that is not known."""
    header = request.headers.get("Content-Range", "")
    content = raw_body(request, longest())
    if not header:
        return 0, content, len(content)
    match = _RANGE.fullmatch(header.strip())
    if match is None:
        raise BadRequest("Content-Range is bytes FIRST-LAST/TOTAL.")
    first, last, total = match.groups()
    whole = int(total) if total != "*" else upload.size
    if whole is not None and (whole > longest() or whole < upload.received):
        raise _too_large() if whole > longest() else BadRequest("Content-Range contradicts what came before.")
    if first is None:
        return 0, b"", whole
    if int(last) - int(first) + 1 != len(content) or (whole is not None and int(last) >= whole):
        raise BadRequest("Content-Range contradicts the length of what was sent.")
    return int(first), content, whole


def _add(upload: ApiUpload, content: bytes, total: int | None) -> None:
    if upload.received + len(content) > longest():
        raise _too_large()
    upload.size = total if total is not None else upload.size
    add_part(upload, content)


def _stored(pieces: Any) -> IO[bytes]:
    file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  closed with the call that reads it
    for piece in pieces:
        file.write(piece)
    return cast("IO[bytes]", file)


def _too_large() -> ApiError:
    return ApiError(413, "uploadTooLarge", f"Send files of at most {settings.ATTACHMENT_MB} MB.")
