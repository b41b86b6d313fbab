"""From the bytes of an uploaded file to its lines, or to what is wrong with each of them.

One line of text is one line of the table: none of our values contains a line break. So a quotation mark that was
never closed spoils its own line and no other, and numbers of lines are those that an editor shows.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.errors import Refused

# Bytes and lines of one file. 100,000 people with long names stay below 10 MiB.
SIZE_AT_MOST = 10 * 1024 * 1024
LINES_AT_MOST = 100_000
DELIMITERS = ",;\t"
# What other programs begin their files with: zipped workbooks, and those of the nineties.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What stands in place of a character that some program could not read, long before the file came to us.
_LOST = "\ufffd"
# Columns that our own files of results have beside: whoever corrects one and sends it back may leave them.
RESULT_COLUMNS = ("line", "outcome", "message")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file. hint: what it means; example: for the template."""

    name: str
    hint: Promise
    example: str
    required: bool = False
    other_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file as it was typed. error: why it cannot be read."""

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)
    error: str = ""


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with a byte order mark. Raises Refused.

    Nothing else is guessed: a wrong guess writes spoiled names into a directory, and nobody notices.
    """
    if len(content) > SIZE_AT_MOST:
        raise Refused(_("A file has at most 10 MB. Split it into several."), "file")
    if content.startswith(_WORKBOOKS):
        raise Refused(_("This is a workbook and not CSV. Save it as “CSV UTF-8” and choose that file."), "file")
    wide = content.startswith(_UTF_16)
    if not wide:
        _refuse_nul(content)
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(_undecodable(content, error), "file") from error
    if wide:
        _refuse_nul(text.encode())
    if not text.strip():
        raise Refused(_("The file is empty."), "file")
    # Lines as _lines() finds them: some programs still end theirs with a carriage return alone.
    if text.count("\n") + text.count("\r") - text.count("\r\n") > LINES_AT_MOST + 1:
        raise Refused(_("A file has at most 100,000 lines. Split it into several."), "file")
    return text


def _refuse_nul(content: bytes) -> None:
    """Refuse what no text contains and no database takes: a picture, or UTF-16 without its mark."""
    if b"\x00" in content:
        line = content.count(b"\n", 0, content.index(b"\x00")) + 1
        text = _("Line %(line)s contains a NUL character, so this is no text file. Save it as “CSV UTF-8”.")
        raise Refused(text % {"line": line}, "file")


def _undecodable(content: bytes, error: UnicodeDecodeError) -> str:
    if error.encoding.startswith("utf-16"):
        return _("The file begins as UTF-16 and is damaged further on. Save it as “CSV UTF-8” and try again.")
    # The codec that skips the mark counts behind it.
    begin = error.start + (len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0)
    values = {
        "line": content.count(b"\n", 0, begin) + 1,
        "place": begin - content.rfind(b"\n", 0, begin),
        "byte": f"0x{content[begin]:02X}",
    }
    return (
        _("Line %(line)s is not UTF-8: byte %(place)s of it is %(byte)s. Save the file as “CSV UTF-8” and try again.")
        % values
    )


def check_header(text: str, columns: Sequence[Column]) -> list[str]:
    """Return the names of the columns of a file, ours for each. Raises Refused where one is missing or unknown."""
    _delimiter, names = _header(text, columns)
    return names


def _header(text: str, columns: Sequence[Column]) -> tuple[str, list[str]]:
    first = next(_lines(text))
    delimiter = max(DELIMITERS, key=first.count)
    try:
        titles = [cell.strip() for cell in _cells(first, delimiter)]
    except csv.Error as error:
        raise Refused(_("The first line, with the titles of the columns, cannot be read."), "file") from error
    while titles and not titles[-1]:
        titles.pop()
    known = {title: column.name for column in columns for title in (column.name, *column.other_names)}
    known |= {name: name for name in RESULT_COLUMNS}
    names = [known.get(title.casefold(), "") for title in titles]
    _refuse_titles(titles, names, columns)
    return delimiter, names


def _refuse_titles(titles: list[str], names: list[str], columns: Sequence[Column]) -> None:
    wanted = ", ".join(column.name for column in columns)
    for title, name in zip(titles, names, strict=True):
        if "password" in title.casefold() or "mot de passe" in title.casefold():
            raise Refused(
                _("Remove the column “%(title)s”: passwords do not belong into files. People set theirs by a link.")
                % {"title": title[:50]},
                "file",
            )
        if not name:
            text = _("The column “%(title)s” is not known. The first line names the columns: %(columns)s.")
            raise Refused(text % {"title": title[:50], "columns": wanted}, "file")
    for column in columns:
        if names.count(column.name) > 1:
            raise Refused(_("The column “%(title)s” is there twice.") % {"title": column.name}, "file")
        if column.required and column.name not in names:
            text = _("The column “%(title)s” is missing. The first line names the columns: %(columns)s.")
            raise Refused(text % {"title": column.name, "columns": wanted}, "file")


def rows(text: str, columns: Sequence[Column]) -> Iterator[Row]:
    """Return the lines below the titles; empty ones are left out. Raises Refused as check_header() does."""
    delimiter, names = _header(text, columns)
    lines = enumerate(_lines(text), start=1)
    next(lines)
    for number, line in lines:
        if line.strip(f" {delimiter}"):
            yield _row(number, line, delimiter, names)


def _row(number: int, line: str, delimiter: str, names: list[str]) -> Row:
    try:
        cells = [cell.strip() for cell in _cells(line, delimiter)]
    except csv.Error:
        return Row(number, {names[0]: line}, _("A quotation mark on this line is missing or one too many."))
    while len(cells) > len(names) and not cells[-1]:
        cells.pop()
    found = dict(zip(names, cells, strict=False))
    if len(cells) != len(names):
        return Row(
            number,
            found,
            _("This line has %(number)s values, and there are %(columns)s columns.")
            % {"number": len(cells), "columns": len(names)},
        )
    if _LOST in line:
        return Row(
            number, found, _("A character of this line was lost before it was uploaded: “%(mark)s”.") % {"mark": _LOST}
        )
    return Row(number, {name: cell for name, cell in found.items() if name not in RESULT_COLUMNS})


def _lines(text: str) -> Iterator[str]:
    """Return lines as an editor counts them. Not splitlines(), which also splits at characters within names."""
    return (line.rstrip("\n") for line in io.StringIO(text, newline=None))


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter, strict=True), [])
