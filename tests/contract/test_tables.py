"""Every table of every page: each row has as many cells as its header, so that each cell stands under its title."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from tests.contract import matrix
from tests.contract.answers import letter_of, url_of
from tests.contract.crawl import content_of
from tests.contract.matrix import Line
from tests.contract.world import World

LINES = [line for line in matrix.lines() if line.method == "GET"]


class Tables(HTMLParser):
    """Counts the columns of each row of each table, of rows in which nothing reaches into the next."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[int]] = []
        self.open: list[list[int]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "table":
            self.open.append([])
            self.tables.append(self.open[-1])
        elif tag == "tr":
            self.open[-1].append(0)
        elif tag in ("td", "th"):
            assert "rowspan" not in values, "count rows that reach into the next"
            self.open[-1][-1] += int(values.get("colspan") or 1)

    def handle_endtag(self, tag: str) -> None:
        if tag == "table":
            self.open.pop()


def uneven(page: str) -> list[list[int]]:
    """Return the tables of which not all rows are equally long."""
    return [rows for rows in Tables(page).tables if len(set(rows)) > 1]


@pytest.mark.parametrize("line", LINES, ids=[line.name for line in LINES])
def test_each_cell_stands_under_a_header(line: Line, db: None, world: World) -> None:
    url, columns = url_of(line.name, world), dict(matrix.COLUMNS)
    for group, letters in zip(columns, matrix.spelled(line.letters).split(), strict=True):
        for letter in sorted(set(letters) - {"L"}):
            response = world.client(group, columns[group][letters.index(letter)]).get(url)
            if response.headers.get("Content-Type", "").startswith("text/html") and letter_of(response) != "E":
                assert not uneven(content_of(response).decode()), (group, letter)


def test_a_table_without_a_header_for_its_menu_is_found() -> None:
    """The fault this file is for."""
    head, row = "<thead><tr><th>Name</th></tr></thead>", "<tr><td>Ana</td><td>⋮</td></tr>"
    assert uneven(f"<table>{head}{row}</table>") == [[1, 2]]
    assert not uneven(f"<table>{head}<tr><td>Ana</td></tr></table>")
