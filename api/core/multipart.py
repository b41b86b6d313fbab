"""The parts of a multipart request: what a batch, and a file with its call, are made of (RFC 2046)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from api.core.errors import BadRequest

# RFC 2046, 5.1.1.
_LONGEST_BOUNDARY: Final = 70
_LONGEST_HEADERS: Final = 16_000
_FOLD: Final = re.compile(r"\r?\n(?=[ \t])")


@dataclass(frozen=True, slots=True)
class Part:
    """A part: its headers, in small letters, and what stands below them."""

    headers: Mapping[str, str]
    body: bytes


def boundary_of(request: HttpRequest) -> bytes:
    """Return what stands between the parts. Raises BadRequest."""
    boundary = (request.content_params or {}).get("boundary", "")
    if not boundary or len(boundary) > _LONGEST_BOUNDARY or not boundary.isascii():
        raise BadRequest("Failed to parse the multipart request: its boundary is missing or wrong.")
    return boundary.encode()


def parts(raw: bytes, boundary: bytes, *, most: int) -> Iterator[Part]:
    """Return the parts of a body. Raises BadRequest for more than `most`, and for one that is none."""
    mark = re.escape(b"--" + boundary)
    # Which line breaks a client writes, its first boundary says; the one in front of a boundary belongs to it.
    first = re.search(rb"(?:\A|\n)" + mark + rb"[ \t]*(\r?\n)", raw)
    if first is None:
        raise BadRequest("Failed to parse the multipart request: its boundary is nowhere.")
    sections = re.split(rb"(?:\A|" + first[1] + rb")" + mark + rb"(?=--|[ \t]*\r?\n)", raw)
    if not sections[-1].startswith(b"--"):
        raise BadRequest("Failed to parse the multipart request: it does not end with its boundary.")
    if len(sections) - 2 > most:
        raise BadRequest(f"The request has {len(sections) - 2} parts. Send at most {most}.")
    for section in sections[1:-1]:
        head, body = split_head(section.partition(b"\n")[2])
        yield Part(headers_of(head), body)


def split_head(text: bytes) -> tuple[bytes, bytes]:
    """Return what stands above the first empty line, and what stands below it."""
    if text.startswith((b"\r\n", b"\n")):
        return b"", text.partition(b"\n")[2]
    places = [(place, len(mark)) for mark in (b"\r\n\r\n", b"\n\n") if (place := text.find(mark)) >= 0]
    if not places:
        return text, b""
    place, length = min(places)
    return text[:place], text[place + length :]


def headers_of(head: bytes) -> dict[str, str]:
    """Return headers by their names in small letters. Raises BadRequest."""
    if len(head) > _LONGEST_HEADERS or b"\0" in head:
        raise BadRequest("Failed to parse the headers of a part.")
    try:
        # A long header goes on in the next line, which begins with a space (RFC 5322, 2.2.3): GAM's Content-ID does.
        lines = [line for line in _FOLD.sub("", head.decode()).splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise BadRequest("Failed to parse the headers of a part.") from error
    found = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequest("Failed to parse the headers of a part.")
        found[name.strip().lower()] = value.strip()
    return found
