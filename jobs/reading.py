"""From the text of a file to its rows, or to what is wrong with each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.spreadsheets import as_typed
from jobs.encodings import unspoiled
from jobs.records import Record, table_of
from jobs.titles import RESULT_COLUMNS, Column, Titles, titles_of

# What stands in place of a character that some program could not read, long before the file came to us.
_LOST = "\ufffd"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the file as it was typed. error: why it cannot be read; warning: what looks wrong and may be right."""

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    warning: str = ""


def rows(text: str, columns: Sequence[Column]) -> Iterator[Row]:
    """Return the rows below the titles; empty lines are left out. Raises Refused as check_titles() does."""
    table = table_of(text)
    titles = titles_of(table, columns)
    reader = _Reader(titles, columns, is_plain=text.isascii())
    return (reader.row(record) for record in table.records if record.fault or any(map(str.strip, record.cells)))


class _Reader:
    """Makes rows of records."""

    def __init__(self, titles: Titles, columns: Sequence[Column], *, is_plain: bool) -> None:
        self.number = len(titles.names)
        self.kept = [(at, name) for at, name in enumerate(titles.names) if name and name not in RESULT_COLUMNS]
        required = {name for column in columns if column.required for name in (column.name, *column.parts)}
        self.needed = max(at + 1 for at, name in self.kept if name in required)
        self.made_up = [column for column in columns if any(part in titles.names for part in column.parts)]
        self.is_plain = is_plain

    def row(self, record: Record) -> Row:
        """Return one row."""
        if record.fault:
            # Which cell is which cannot be told: the line as it was typed, in the first column.
            return Row(record.number, {self.kept[0][1]: record.cells[0]}, record.fault)
        cells = [as_typed(cell) for cell in record.cells]
        while len(cells) > self.number and not cells[-1]:
            cells.pop()
        typed = len(cells)
        # Some programs leave the empty cells at the end of a line out.
        cells += [""] * (self.number - len(cells))
        found = {name: cells[at] for at, name in self.kept}
        for column in self.made_up:
            parts = [found.pop(part, "") for part in column.parts]
            found[column.name] = found.get(column.name) or " ".join(filter(None, parts))
        if not self.needed <= typed <= self.number:
            text = _("This line has %(number)s values, and there are %(columns)s columns.")
            return Row(record.number, found, text % {"number": typed, "columns": self.number})
        return Row(record.number, found) if self.is_plain else _looked_at(record.number, found)


def _looked_at(number: int, found: dict[str, str]) -> Row:
    """Name what another program lost, and warn of what it seems to have spoiled."""
    if any(_LOST in cell for cell in found.values()):
        text = _("A character of this line was lost before it was uploaded: “%(mark)s”.")
        return Row(number, found, text % {"mark": _LOST})
    for cell in found.values():
        if better := unspoiled(cell):
            text = _("“%(typed)s” looks like “%(better)s”, saved in a wrong encoding.")
            return Row(number, found, warning=text % {"typed": cell[:80], "better": better[:80]})
    return Row(number, found)
