"""The titles of the columns of a file: which of ours each one means, also in the words of the original's template."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.errors import Refused
from jobs.records import Record, Table, table_of

# Columns that our own files of results have beside: anyone who corrects one and sends it back may leave them.
RESULT_COLUMNS = ("line", "outcome", "message")
# What the original's template adds to a title: "[Required]", "[UPLOAD ONLY]".
_REMARK = re.compile(r"\[[^\]]*+\]?")
_SECRET = ("password", "mot de passe")
# As much of a title as a message shows, and as many titles.
_SHOWN_LENGTH, _SHOWN = 50, 10


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file. hint: what it means; example: for the template; parts: titles that make it up together."""

    name: str
    hint: Promise
    example: str
    required: bool = False
    other_names: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Titles:
    """What each cell of a record is. names: ours, empty for one that is ignored; the others as they were typed."""

    names: tuple[str, ...]
    ignored: tuple[str, ...]
    passwords: tuple[str, ...]


def check_titles(text: str, columns: Sequence[Column]) -> Titles:
    """Return what the columns of a file are. Raises Refused with everything that is wrong with them."""
    return titles_of(table_of(text), columns)


def titles_of(table: Table, columns: Sequence[Column]) -> Titles:
    """Return what the columns of a table are. Raises Refused with everything that is wrong with them."""
    record = table.titles
    if record.fault:
        text = _("Line %(line)s, with the titles of the columns, cannot be read: %(why)s")
        raise Refused(text % {"line": record.number, "why": record.fault}, "file")
    typed = [cell.strip() for cell in record.cells]
    while typed and not typed[-1]:
        typed.pop()
    known = {_spelled(title): column.name for column in columns for title in (column.name, *column.other_names)}
    known |= {part: part for column in columns for part in column.parts}
    known |= {name: name for name in RESULT_COLUMNS}
    names = [known.get(_spelled(title), "") for title in typed]
    unknown = [title for title, name in zip(typed, names, strict=True) if not name]
    passwords = [title for title in unknown if _is_secret(title)]
    ignored = [title for title in unknown if not _is_secret(title)]
    if wrong := _wrong(names, columns):
        raise Refused(_explained(wrong, ignored, columns), "file")
    return Titles(tuple(names), tuple(ignored), tuple(passwords))


def _spelled(title: str) -> str:
    return " ".join(_REMARK.sub("", title).replace("_", " ").casefold().split())


def _is_secret(title: str) -> bool:
    return any(word in title.casefold() for word in _SECRET)


def _wrong(names: Sequence[str], columns: Sequence[Column]) -> list[str]:
    found = []
    for column in columns:
        if not column.required or column.name in names:
            continue
        parts = [part for part in column.parts if part in names]
        missing = [part for part in column.parts if part not in names] if parts else [column.name]
        found += [_("The column “%(title)s” is missing.") % {"title": title} for title in missing]
    ours = dict.fromkeys(name for name in names if name)
    return found + [_("The column “%(title)s” is there twice.") % {"title": n} for n in ours if names.count(n) > 1]


def _explained(wrong: Sequence[str], ignored: Sequence[str], columns: Sequence[Column]) -> str:
    said = [*wrong]
    if ignored:
        said.append(_("Not known: %(titles)s.") % {"titles": quoted(ignored)})
    wanted = ", ".join(column.name for column in columns)
    return " ".join([*said, _("The first line names the columns: %(columns)s.") % {"columns": wanted}])


def quoted(titles: Sequence[str]) -> str:
    """Return titles for a sentence, the first ones of many."""
    shown = ", ".join(f"“{title[:_SHOWN_LENGTH]}”" for title in titles[:_SHOWN])
    return f"{shown} …" if len(titles) > _SHOWN else shown


def without_passwords(text: str, titles: Titles) -> str:
    """Return a file without what stands in its columns of passwords: nothing of that is ever stored.

    Each record stays on its line. Raises Refused where a quotation mark hides what is a password and what is not.
    """
    if not titles.passwords:
        return text
    table, into = table_of(text), io.StringIO()
    writer, line = csv.writer(into, quoting=csv.QUOTE_ALL, lineterminator="\n"), 1
    secret = [place for place, title in enumerate(table.titles.cells) if _is_secret(title)]
    for record in (table.titles, *table.records):
        _refuse_fault(record)
        into.write("\n" * (record.number - line))
        cells = list(record.cells)
        if record is not table.titles:
            for place in secret:
                cells[place : place + 1] = ["\n" * cell.count("\n") for cell in cells[place : place + 1]]
        writer.writerow(cells)
        line = record.number + 1 + sum(cell.count("\n") for cell in cells)
    return into.getvalue()


def _refuse_fault(record: Record) -> None:
    if record.fault:
        text = _("Line %(line)s: %(why)s With a column of passwords such a file is not taken.")
        raise Refused(text % {"line": record.number, "why": record.fault}, "file")
