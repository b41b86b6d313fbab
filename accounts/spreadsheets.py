"""CSV for people who open it in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from typing import ClassVar

from django.http import StreamingHttpResponse

# A cell that begins so is a formula to one spreadsheet or another; the wide forms are for East Asian ones. Apostrophes
# in front count as well, so that the one that is put there can be told from one that was there.
_FORMULA = re.compile(r"'*+(?:[\t\r\n]|\s*[=+\-@＝＋－＠])")
# Without it Excel reads UTF-8 as its own code page and spoils every accent.
BYTE_ORDER_MARK = "\ufeff"


class _Echo:
    """A file that gives back what is written to it, so that each line can be sent at once."""

    encoding: ClassVar[str] = "utf-8"

    def write(self, text: str) -> str:
        return text


def csv_answer(file_name: str, rows: Iterable[Iterable[str]]) -> StreamingHttpResponse:
    """Return the answer that sends rows as a file, line by line, which nobody keeps on the way."""
    return StreamingHttpResponse(
        csv_lines(rows),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{file_name}"', "Cache-Control": "no-store"},
    )


def csv_lines(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Return rows as lines of CSV, the first with a byte order mark, with no cell that a spreadsheet would run."""
    writer = csv.writer(_Echo())
    mark = BYTE_ORDER_MARK
    for row in rows:
        # csv's writerow returns what write() returned, which typeshed does not say.
        yield mark + str(writer.writerow([harmless(cell) for cell in row]))
        mark = ""


def harmless(cell: str) -> str:
    """Return a cell as text: an apostrophe in front of what a spreadsheet would take for a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def as_typed(cell: str) -> str:
    """Return a cell that someone sends back without spaces around it, and without the apostrophe of harmless()."""
    cell = cell.strip()
    return cell[1:].strip() if cell.startswith("'") and _FORMULA.match(cell, 1) else cell
