"""The columns of a list, and its rows written out (one list component for all pages)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Generic, TypeVar

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.names import isolated
from web.lists.cells import NUMBER, Html, plain, safe
from web.lists.choices import ListChoice

R = TypeVar("R")
# Characters that fit into any column.
_NEVER_CUT = 16
# Where the title of a row stands in a label that is translated once for all rows.
_TITLE = "\x00"


# The pages of the menu of a row: their URLs, as web.lists.cells.pattern has them, and their labels.
Menu = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column: what stands above it, and what a row has in it.

    key: its name in what a person chose. cell: the HTML of a row; web/lists/cells.py has the pieces.
    up, down: values of the filter's `order` that sort by it, from the least and from the most; empty: not sorted by it.
    is_number: on the right. is_text: as wide as there is room, its end cut off where that is not enough; is_long: over
    several lines there; is_wrapped: over several lines, and no wider than its longest word.
    is_shown: until a person has chosen; the first column always is.
    """

    key: str
    label: Promise
    cell: Callable[[R], Html]
    up: str = ""
    down: str = ""
    is_number: bool = False
    is_text: bool = False
    is_long: bool = False
    is_wrapped: bool = False
    is_shown: bool = True

    @property
    def css(self) -> str:
        """The class of its cells."""
        if self.is_number:
            return "number"
        if self.is_wrapped:
            return "list__wrap"
        return "list__long" if self.is_long else "list__text" if self.is_text else ""


@dataclass(frozen=True, slots=True)
class Head:
    """A header. sorted: its aria-sort; url: what sorts by it, the other way round where it is sorted already."""

    key: str
    label: str
    css: str
    is_shown: bool
    sorted: str = ""
    url: str = ""


@dataclass(frozen=True)
class Box(Generic[R]):
    """What chooses a row.

    field: the name under which numbers, or domains, are sent; form: the id of the form that sends them.
    """

    field: str
    number: Callable[[R], int | str]
    form: str = "bulk"


@dataclass(frozen=True)
class Rows(Generic[R]):
    """Rows and how they are read. title: what a row is called, for the names of its box and menu.

    menu: the number of a row and the pages that concern it: for each its URL with the number 0, and its label. The same
    tuple for all rows that have the same pages: it is written out once.
    """

    rows: Sequence[R]
    title: Callable[[R], str]
    box: Box[R] | None = None
    menu: Callable[[R], tuple[int, Menu]] | None = None

    @property
    def has_menu(self) -> bool:
        """Whether each row has a menu: a template would call `menu`."""
        return self.menu is not None


def heads(columns: Sequence[Column[R]], choice: ListChoice, path: str, asked: QueryDict, order: str) -> list[Head]:
    """Return the headers of all columns, those that are not shown too: a person may choose them.

    path: of the list; asked: its query.
    """
    return [
        _head(column, place, choice, order, lambda wanted: _ordered(path, asked, wanted))
        for place, column in enumerate(columns)
    ]


def _head(column: Column[R], place: int, choice: ListChoice, order: str, url_of: Callable[[str], str]) -> Head:
    is_shown = place == 0 or (column.is_shown if choice.columns is None else column.key in choice.columns)
    label, towards = str(column.label), ""
    if order and order in {column.up, column.down}:
        towards = "ascending" if order == column.up else "descending"
    following = (column.down if order == column.up else column.up) or column.up or column.down
    url = url_of(following) if following else ""
    return Head(column.key, label, column.css, is_shown, towards, url)


def _ordered(path: str, asked: QueryDict, order: str) -> str:
    asked = asked.copy()
    for name in ("after", "before"):
        asked.pop(name, None)
    asked["order"] = order
    return f"{path}?{asked.urlencode()}"


def body(columns: Sequence[Column[R]], shown: Sequence[Head], of: Rows[R]) -> SafeString:
    """Write the rows out. shown: the headers of the columns to write."""
    labels = {head.key: head for head in shown}
    cells = [
        _cell(column, labels[column.key], place)
        for place, column in enumerate(column for column in columns if column.key in labels)
    ]
    before, behind = _box(of.box), _menu(of.menu)
    written = [
        f"<tr>{before(row, title)}{''.join(write(row) for write in cells)}{behind(row, title)}</tr>"
        for row in of.rows
        for title in [escape(isolated(of.title(row)))]
    ]
    return SafeString("".join(written))


def _cell(column: Column[R], head: Head, place: int) -> Callable[[R], str]:
    """Return what writes a cell; one whose end may be cut off says the whole on hover."""
    opening, end = _opening(head, place), "</th>" if place == 0 else "</td>"
    if not column.is_text and (place or column.is_long):
        return lambda row: f"{opening}{safe(column.cell(row))}{end}"

    def written(row: R) -> str:
        html = safe(column.cell(row))
        whole = plain(html)
        if len(whole) <= _NEVER_CUT:
            return f"{opening}{html}{end}"
        return f'{opening[:-1]} title="{escape(isolated(whole))}">{html}{end}'

    return written


def _opening(head: Head, place: int) -> str:
    css = f' class="{head.css}"' if head.css else ""
    return f'<th{css} scope="row">' if place == 0 else f'<td{css} data-label="{escape(head.label)}">'


def _box(box: Box[R] | None) -> Callable[[R, str], str]:
    if box is None:
        return lambda row, title: ""
    opening = f'<td class="list__box"><input type="checkbox" form="{box.form}" name="{box.field}" value="'
    label = escape(_("Select %(name)s") % {"name": _TITLE})
    return lambda row, title: f'{opening}{box.number(row)}" aria-label="{label.replace(_TITLE, title)}"></td>'


def _menu(menu: Callable[[R], tuple[int, Menu]] | None) -> Callable[[R, str], str]:
    if menu is None:
        return lambda row, title: ""
    known: dict[Menu, str] = {}

    def written(row: R, title: str) -> str:
        number, pages = menu(row)
        if pages not in known:
            known[pages] = render_to_string("lists/menu.html", {"pages": pages, "title": _TITLE})
        return known[pages].replace(NUMBER, str(number)).replace(_TITLE, title)

    return written
