"""What a search found: groups of results, each with the list that shows all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar
from urllib.parse import urlencode

from django.utils.functional import Promise

from accounts.names import readable, storable

# Results of one group below the field, and on the page.
FEW, MANY = 5, 20
# As long as the longest search of a list.
MAX_LENGTH: Final = 200

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, as a person can read it, and how many results of a group are shown."""

    text: str
    shown: int = MANY

    @classmethod
    def typed(cls, text: str, shown: int = MANY) -> Asked:
        return cls(readable(storable(text)[:MAX_LENGTH]), shown)

    @property
    def query(self) -> str:
        """What was typed, as the query string of another page of the same search."""
        return urlencode({"q": self.text})

    @property
    def one_more(self) -> int:
        """How many to ask for, to know whether there are more than are shown."""
        return self.shown + 1


@dataclass(frozen=True, slots=True)
class Result:
    """A line that leads to what was found. detail: what tells it from others of the same name."""

    title: str
    url: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Results of one kind. of: the name that the heading says beside its kind, where it needs one."""

    key: str
    label: str | Promise
    icon: str
    results: list[Result]
    more_url: str = ""
    of: str = ""


@dataclass(slots=True)
class Found:
    """Everything that was found. is_late: the database took too long for some of it."""

    groups: list[Group] = field(default_factory=list)
    is_late: bool = False

    @property
    def number(self) -> int:
        return sum(len(group.results) for group in self.groups)


def group(
    asked: Asked,
    key: str,
    label: str | Promise,
    icon: str,
    rows: Sequence[R],
    line: Callable[[R], Result],
    *,
    list_url: str = "",
    of: str = "",
) -> Group:
    """Return the group of `rows`, of which there may be one more than are shown: then the list leads on.

    list_url: of the list that takes the same text as `q`; empty where there is none.
    """
    more = f"{list_url}?{urlencode({'q': asked.text})}" if list_url and len(rows) > asked.shown else ""
    return Group(key, label, icon, [line(row) for row in rows[: asked.shown]], more, of)


def with_results(groups: Iterable[Group]) -> list[Group]:
    """Return the groups in which something was found."""
    return [one for one in groups if one.results]
