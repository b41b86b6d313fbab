"""Takes secrets out of HAR files, the recordings browsers make of their traffic, before they are stored.

Anyone who reads a HAR file with its cookies and tokens can take over the session it was recorded in. It is read and
written in a stream: the memory it takes does not grow with the file.
"""

from __future__ import annotations

import codecs
import io
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import ijson

from support.har_secrets import EMPTIED, REMOVED, is_secret, strip_text

CHUNK = 64 * 1024
# Bytes of one text in a HAR file. A longer one, a script or a picture, is left out: a parser holds a text as a whole.
TEXT_AT_MOST = 1024 * 1024
# Values and levels: several times what browsers write into 25 MB, and seconds of work.
VALUES_AT_MOST, LEVELS_AT_MOST = 3_000_000, 200

_ENCODER = json.JSONEncoder(ensure_ascii=False)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# From outside a text to the end, or to the opening quote of a text that the next chunk ends.
_WHOLE_TEXTS = re.compile(rb'(?:[^"]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
# From within a text to its closing quote, to the end, or to a backslash that the next chunk explains.
_REST_OF_TEXT = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
# Fields that are written when their object ends: whether they are secret, another field says, maybe a later one.
_HELD = ("value", "text")


class UnreadableHar(Exception):
    """It says that it is a HAR file, but its secrets cannot be found."""


class _TooLarge(ValueError):
    """More values or levels than anybody looks through."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """A HAR file without its secrets: a temporary file, to be closed, and how many secrets there were."""

    file: IO[bytes]
    removed: int


def strip_har(file: IO[bytes]) -> Stripped | None:
    """Return a HAR file without its secrets; None where the file is something else.

    file: read from its beginning, in chunks. Raises UnreadableHar for one that is broken, or too large to look through.
    """
    if not looks_like_har(_chunks(file)):
        return None
    copy = _Copy()
    try:
        copy.read(_without_long_texts(_utf8(_chunks(file))))
    except (ijson.JSONError, ValueError, OverflowError) as error:
        copy.out.close()
        raise UnreadableHar from error
    if copy.is_har:
        return Stripped(copy.out, copy.removed)
    copy.out.close()
    return None


def looks_like_har(chunks: Iterator[bytes]) -> bool:
    """Tell whether these bytes are an object in JSON with the names that make one a HAR file."""
    wanted = {b'"log"', b'"entries"'}
    before = b""
    for chunk in _utf8(chunks):
        if not before and not chunk.lstrip().startswith(b"{"):
            return False
        wanted = {name for name in wanted if name not in before + chunk}
        if not wanted:
            return True
        before = (before + chunk)[-10:]
    return False


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    return iter(lambda: file.read(CHUNK), b"")


def _utf8(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Pass text on as UTF-8 without byte order mark."""
    decoder: codecs.IncrementalDecoder | None = None
    for chunk in chunks:
        decoder = decoder or codecs.getincrementaldecoder("utf-16" if chunk[:2] in _UTF16 else "utf-8-sig")("replace")
        if text := decoder.decode(chunk):
            yield text.encode("utf-8", "replace")
    if decoder and (rest := decoder.decode(b"", final=True)):
        yield rest.encode("utf-8", "replace")


def _without_long_texts(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Pass JSON on; a text of more than TEXT_AT_MOST bytes is replaced."""
    held, is_too_long = b"", False
    for chunk in chunks:
        data, begin, end = held + chunk, 0, 0
        if is_too_long:
            begin = _end(_REST_OF_TEXT.match(data))
            if data[begin : begin + 1] != b'"':
                held = data[begin:]
                continue
            is_too_long, end = False, begin + 1
        end = _end(_WHOLE_TEXTS.match(data, end))
        yield data[begin:end]
        held = data[end:]
        if len(held) > TEXT_AT_MOST:
            yield json.dumps(REMOVED)[:-1].encode()
            held, is_too_long = held[_end(_REST_OF_TEXT.match(held, 1)) :], True
    yield held


def _end(match: re.Match[bytes] | None) -> int:
    assert match  # both expressions match the empty text
    return match.end()


@dataclass(slots=True)
class _Level:
    """An object or a list that is being copied."""

    out: IO[bytes]
    is_object: bool
    is_empty: bool = True
    key: str = ""
    # By the other fields of an object: `value` is that of a secret, `text` is in base64.
    is_secret: bool = False
    is_base64: bool = False
    held: dict[str, Any] = field(default_factory=dict)


class _Copy:
    """The copy of a JSON file without secrets, written while the original is read."""

    def __init__(self) -> None:
        self.out: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=TEXT_AT_MOST)  # noqa: SIM115  lives with its file
        self.levels: list[_Level] = []
        self.removed = 0
        self.is_har = False
        # How deep we are in a list that is left out.
        self.left_out = 0

    def read(self, chunks: Iterator[bytes]) -> None:
        events = ijson.sendable_list()
        # Without floats ijson makes numbers of their digits in Python, where 5,000 of them are an error it dies of.
        parser = ijson.basic_parse_coro(events, use_float=True)
        seen = 0
        for chunk in filter(None, chunks):
            parser.send(chunk)
            seen += len(events)
            if seen > VALUES_AT_MOST:
                raise _TooLarge
            self._take_all(events)
        parser.close()
        self._take_all(events)

    def _take_all(self, events: list[tuple[str, Any]]) -> None:
        for event, value in events:
            self._take(event, value)
        events.clear()

    def _take(self, event: str, value: Any) -> None:
        if self.left_out:
            self._leave_out(event)
        elif event == "map_key":
            self._name(value)
        elif event.startswith("end_"):
            self._end()
        elif event == "start_array" and self._is_to_be_emptied():
            self._write_name().write(b"[]")
            self.left_out = 1
        elif event.startswith("start_"):
            self._begin(is_object=event == "start_map")
        elif event == "string":
            self._write_text(value)
        else:
            self._target().write(str(value).encode() if event == "number" else json.dumps(value).encode())

    def _leave_out(self, event: str) -> None:
        """Pass over what stands in a list of secrets; each thing in it is one."""
        self.left_out -= event.startswith("end_")
        self.removed += self.left_out == 1 and event not in {"map_key", "end_map", "end_array"}
        self.left_out += event.startswith("start_")

    def _is_to_be_emptied(self) -> bool:
        level = self.levels[-1] if self.levels else None
        return bool(level and level.is_object and (level.key.lower() in EMPTIED or is_secret(level.key)))

    def _name(self, key: str) -> None:
        self.levels[-1].key = key
        if len(self.levels) == 2 and self.levels[0].key == "log":
            self.is_har |= key == "entries"

    def _begin(self, *, is_object: bool) -> None:
        if len(self.levels) == LEVELS_AT_MOST:
            raise _TooLarge
        out = self._target()
        out.write(b"{" if is_object else b"[")
        self.levels.append(_Level(out, is_object))

    def _end(self) -> None:
        level = self.levels[-1]
        for key, value in level.held.items():
            level.key = key
            self._write_name().write(self._what_is_left(level, value))
        level.out.write(b"}" if level.is_object else b"]")
        self.levels.pop()

    def _write_text(self, text: str) -> None:
        level = self.levels[-1] if self.levels else None
        if level is None or not level.is_object:
            self._target().write(_json(text))
            return
        key = level.key.lower()
        level.is_secret |= key == "name" and is_secret(text)
        level.is_base64 |= key == "encoding" and text.lower() == "base64"
        if key in _HELD:
            level.held[level.key] = text
        elif is_secret(level.key):
            # Headers as an object in place of a list of pairs.
            self._write_name().write(self._hide())
        else:
            self._write_name().write(self._stripped(key, text))

    def _target(self) -> IO[bytes]:
        """Return where the next value is written, behind its comma and its name; what is held waits in memory."""
        if self.levels and self.levels[-1].key.lower() in _HELD:
            level = self.levels[-1]
            level.held[level.key] = out = io.BytesIO()
            return out
        return self._write_name()

    def _write_name(self) -> IO[bytes]:
        if not self.levels:
            return self.out
        level = self.levels[-1]
        level.out.write(b"" if level.is_empty else b",")
        level.is_empty = False
        if level.is_object:
            level.out.write(_json(level.key) + b":")
        return level.out

    def _what_is_left(self, level: _Level, value: Any) -> bytes:
        name = level.key.lower()
        is_hidden = level.is_secret if name == "value" else level.is_base64
        if not isinstance(value, str):
            content: bytes = value.getvalue()
            return self._hide() if is_hidden and content != b"null" else content
        return self._hide() if is_hidden and value not in {"", REMOVED} else self._stripped(name, value)

    def _stripped(self, name: str, text: str) -> bytes:
        text, removed = strip_text(name, text)
        self.removed += removed
        return _json(text)

    def _hide(self) -> bytes:
        self.removed += 1
        return _json(REMOVED)


def _json(text: str) -> bytes:
    return _ENCODER.encode(text).encode("utf-8", "replace")
