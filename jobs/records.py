"""From the text of a CSV file to its records (RFC 4180): quoted cells may hold delimiters, marks and line breaks.

Strict about quotation marks, because a wrong guess creates a wrong person. A mark that is wrong within its line spoils
that line only. Where one opens and is not closed properly, nobody can tell what is a line and what is a part of a
cell: that record is wrong, and nothing behind it is read. Lines are numbered as an editor shows them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.errors import Refused

DELIMITERS = ",;\t|"
# What Excel puts in front of the titles to name its delimiter, also saved again with empty cells behind it.
_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?[,;\t|]*', re.IGNORECASE)
_OPENING = re.compile(r' *"')
_INSIDE = re.compile(r'(?:[^"]++|"")*+')
_UP_TO = {delimiter: re.compile(rf"[^{re.escape(delimiter)}]*+") for delimiter in DELIMITERS}

Lines = Iterator[tuple[int, str]]


class Record(NamedTuple):
    """One record. number: of its first line. fault: why its cells cannot be told; then the line as it was typed."""

    number: int
    cells: list[str]
    fault: str = ""


class Table(NamedTuple):
    """The records of a file; the first one, with the titles, apart."""

    titles: Record
    records: Iterator[Record]


def table_of(text: str) -> Table:
    """Return the table of a file, behind empty lines and the line that names the delimiter. Raises Refused."""
    delimiter, lines = "", _lines(text)
    for first in lines:
        if not delimiter and (named := _SEPARATOR.fullmatch(first[1].strip(" "))):
            delimiter = named[1]
        elif first[1].strip(f" {DELIMITERS}"):
            found = _records(chain([first], lines), delimiter or _delimiter_of(first[1]))
            return Table(next(found), found)
    raise Refused(_("The file is empty."), "file")


def _lines(text: str) -> Lines:
    """Return lines as an editor counts them. Not splitlines(), which also splits at characters within names."""
    return enumerate((line.rstrip("\n") for line in io.StringIO(text, newline=None)), start=1)


def _delimiter_of(line: str) -> str:
    outside = re.sub(r'"[^"]*+"?', "", line)
    return max(DELIMITERS, key=outside.count)


def _records(lines: Lines, delimiter: str) -> Iterator[Record]:
    for number, line in lines:
        yield _quoted(number, line, lines, delimiter) if '"' in line else Record(number, line.split(delimiter))


def _quoted(number: int, first: str, lines: Lines, delimiter: str) -> Record:
    cells, line, at, up_to = list[str](), first, 0, _UP_TO[delimiter]
    is_wrong = spans_lines = False
    while at <= len(line):
        opening = _OPENING.match(line, at)
        if opening is None:
            end = _end(up_to, line, at)
            cells.append(line[at:end])
            is_wrong |= '"' in cells[-1]
        else:
            closed = _closing(line, opening.end(), lines)
            if closed is None:
                return _unclosed(number, first, lines)
            spans_lines |= closed.line_breaks > 0
            line, end = closed.line, _end(up_to, closed.line, closed.at)
            is_wrong |= bool(line[closed.at : end].strip(" "))
            cells.append(closed.cell)
        at = end + 1
    if not is_wrong:
        return Record(number, cells)
    if spans_lines:
        return _unclosed(number, first, lines)
    text = _(
        "A quotation mark on this line is missing or one too many. Put the whole value into quotation marks, and write"
        " those inside it twice."
    )
    return Record(number, [first], text)


class _Closed(NamedTuple):
    """A quoted cell. line, at: where it goes on behind its last mark."""

    cell: str
    line_breaks: int
    line: str
    at: int


def _closing(line: str, begin: int, lines: Lines) -> _Closed | None:
    """Read a quoted cell to its end, over as many lines as it has; None where the file ends before."""
    parts = []
    while (end := _end(_INSIDE, line, begin)) == len(line):
        parts.append(line[begin:])
        following = next(lines, None)
        if following is None:
            return None
        line, begin = following[1], 0
    parts.append(line[begin:end])
    return _Closed("\n".join(parts).replace('""', '"'), len(parts) - 1, line, end + 1)


def _end(pattern: re.Pattern[str], line: str, at: int) -> int:
    found = pattern.match(line, at)
    assert found is not None  # both patterns match nothing too
    return found.end()


def _unclosed(number: int, first: str, lines: Lines) -> Record:
    for _number, _line in lines:
        pass
    text = _(
        "A quotation mark that opens on this line is not closed properly. Nothing from line %(line)s on was read:"
        " correct it and upload the file again."
    )
    return Record(number, [first], text % {"line": number})
