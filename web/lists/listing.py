"""One page of a list as templates/lists/list.html shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar, cast

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.keyset import Pager
from accounts.models import User
from accounts.names import isolated
from web.lists.cells import plain
from web.lists.choices import LISTS, SIZES, ListChoice, choice_of
from web.lists.columns import Column, Head, Rows, body, heads
from web.lists.filters import FilterForm

R = TypeVar("R")
COLUMNS_BESIDE_EACH_OTHER: Final = 7


@dataclass(frozen=True, slots=True)
class Words:
    """What a list says.

    name: what stands in it, for its landmark: "Users". search: what its search is called: "Search users".
    counted: the text of a number of rows: "3 users". none_found, none_found_text: where the filter leaves nothing.
    none, none_text: where there is nothing yet: what would be here, and how to get it. icon: for that.
    """

    name: Promise
    search: Promise
    counted: Callable[[int], str]
    none_found: Promise
    none_found_text: Promise
    none: Promise
    none_text: Promise | str
    icon: str = "inbox"


@dataclass(frozen=True)
class Kind(Generic[R]):
    """A list that there is. name: under which a person's choice of columns is kept (web/lists/choices.py)."""

    name: str
    words: Words
    columns: Sequence[Column[R]]

    def __post_init__(self) -> None:
        """Raise ValueError for a list whose choices could not be kept."""
        if self.name not in LISTS:
            raise ValueError(f"{self.name} is missing in web/lists/choices.py")

    def size_for(self, request: HttpRequest) -> int:
        """Return how many rows a page has for this person."""
        return choice_of(cast("User", request.user), self.name).size


@dataclass(frozen=True, slots=True)
class Action:
    """A button for the rows selected. value: what is sent; destroys: whether something is lost by it."""

    value: str
    label: str
    destroys: bool = False


@dataclass(frozen=True, slots=True)
class Bulk:
    """What can be done with the rows selected.

    url: takes them; all_rows: "Select all 313 users", of a number, where it takes all that a filter finds, too;
    is_done_at_once: no page asks before, so nothing stays selected.
    """

    url: str
    actions: Sequence[Action]
    all_rows: Callable[[str], str] | None = None
    is_done_at_once: bool = False


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows there are. is_exact: False where counting stopped, and there are more."""

    number: int
    is_exact: bool = True


# Counting goes on to here: what is behind costs more than it tells.
COUNTED = 10_000


def counted(rows: Any) -> Total:
    """Count rows as far as it is cheap. Written out by hand: Django builds the query once more to count its rows."""
    try:
        sql, params = rows.order_by().values("pk")[: COUNTED + 1].query.sql_with_params()
    except EmptyResultSet:
        return Total(0)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql}) counted", params)  # noqa: S608  the ORM's own
        number = cursor.fetchone()[0]
    return Total(min(number, COUNTED), number <= COUNTED)


@dataclass
class Listing(Generic[R]):
    """A list page: filter, headers, rows, pager and what can be done with the rows chosen.

    order: what it is ordered by, as its filter says. new_url, new_label: how to get the first one, where there is none.
    path: of the list, where the page has another one. has_heading: it is one part of a page, and has its name above it.
    """

    request: HttpRequest
    kind: Kind[R]
    form: FilterForm
    rows: Rows[R]
    pager: Pager | None
    total: Total | None = None
    order: str = ""
    new_url: str = ""
    new_label: str = ""
    bulk: Bulk | None = None
    path: str = ""
    has_heading: bool = False

    def __post_init__(self) -> None:
        self.path = self.path or self.request.path

    @property
    def words(self) -> Words:
        return self.kind.words

    @cached_property
    def choice(self) -> ListChoice:
        """What this person has chosen for this list."""
        return choice_of(cast("User", self.request.user), self.kind.name)

    @cached_property
    def heads(self) -> list[Head]:
        """The headers of all columns."""
        return heads(self.kind.columns, self.choice, self.path, self.request.GET, self.order)

    @property
    def shown(self) -> list[Head]:
        """The headers of those that are shown."""
        return [head for head in self.heads if head.is_shown]

    @cached_property
    def body(self) -> SafeString:
        """The rows, written out."""
        return body(self.kind.columns, self.shown, self.rows)

    @property
    def has_rows(self) -> bool:
        return bool(self.rows.rows)

    @property
    def has_more(self) -> bool:
        """Whether there are other pages."""
        return self.pager is not None and bool(self.pager.next_url or self.pager.previous_url)

    @property
    def printed(self) -> str:
        """How many there are, and where this page begins and ends, for paper: it has no pages to go to."""
        if not self.has_more or not self.has_rows:
            return self.count
        first, last = (plain(self.kind.columns[0].cell(self.rows.rows[place])) for place in (0, -1))
        span = {"number": intcomma(len(self.rows.rows)), "first": isolated(first), "last": isolated(last)}
        text = _("One page of several: %(number)s rows, from “%(first)s” to “%(last)s”.") % span
        return f"{self.count}. {text}" if self.count else text

    @property
    def is_wide(self) -> bool:
        """Whether there are more columns than a screen of 1280 pixels has room for: then they scroll."""
        return len(self.shown) > COLUMNS_BESIDE_EACH_OTHER

    @property
    def count(self) -> str:
        """How many there are, in words."""
        if self.total is None:
            return ""
        text = self.words.counted(self.total.number)
        return text if self.total.is_exact else _("more than %(count)s") % {"count": text}

    @property
    def number(self) -> str:
        """How many there are, for what is done with all of them."""
        if self.total is None:
            return ""
        number = intcomma(self.total.number)
        return str(number) if self.total.is_exact else _("more than %(count)s") % {"count": number}

    @property
    def all_rows(self) -> str:
        """The words for all rows that the filter finds."""
        return self.bulk.all_rows(self.number) if self.bulk and self.bulk.all_rows else ""

    @property
    def query(self) -> str:
        """The filter, without the place in the list."""
        asked = self.request.GET.copy()
        for name in ("after", "before"):
            asked.pop(name, None)
        return asked.urlencode()

    @property
    def clear_url(self) -> str:
        return f"{self.path}?{self.form.cleared}" if self.form.cleared else self.path

    @property
    def choice_url(self) -> str:
        return reverse("list_choice", kwargs={"list_name": self.kind.name})

    @property
    def here(self) -> str:
        """The URL to come back to from a choice of columns: the first page."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def sizes(self) -> list[tuple[int, bool]]:
        """How many rows there can be on a page, and which was chosen."""
        return [(size, size == self.choice.size) for size in SIZES]
