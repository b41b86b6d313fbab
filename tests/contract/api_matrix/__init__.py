"""Every method of the APIs that is served, against every kind of person and account that a machine acts for.

A file for each part: ASKS says what is asked, TABLE who gets which answer. One column per caller (callers.py):

    O  OK            2xx; what changes something wrote its event
    B  BAD           400 or 412: what is asked cannot be of this one
    U  UNAUTHORISED  401: the token opens nothing
    D  DENIED        403: the right organisation, and the wrong role, scope or level; a closed console
    A  ABSENT        404: a stranger's, the same as what does not exist

A cell other than O changes nothing, and neither does a question.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.contract.api_matrix import (
    access,
    account,
    devices,
    groups,
    licences,
    people,
    reports,
    reseller,
    support,
)
from tests.contract.api_matrix.asks import Ask
from tests.contract.api_matrix.callers import COLUMNS

PARTS = (people, groups, devices, account, licences, reports, reseller, support, access)
ASKS: dict[str, Ask] = {name: asked for part in PARTS for name, asked in part.ASKS.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """A method, and what each caller gets for it."""

    method: str
    letters: str


def lines() -> list[Line]:
    """Read the tables. Raises ValueError for letters that do not fit the columns, and for a line too many."""
    found: dict[str, Line] = {}
    widths = [len(roles) for _group, roles in COLUMNS]
    for text in "\n".join(part.TABLE for part in PARTS).splitlines():
        method, *groups_of_letters = text.split() or [""]
        if not method:
            continue
        if [len(group) for group in groups_of_letters] != widths:
            raise ValueError(f"{method}: the groups of letters must have the widths {widths}")
        if method in found:
            raise ValueError(f"{method} has two lines")
        found[method] = Line(method, "".join(groups_of_letters))
    return list(found.values())


def spelled(letters: str) -> str:
    """Write letters in the groups of the table."""
    written, rest = [], letters
    for _group, roles in COLUMNS:
        written.append(rest[: len(roles)])
        rest = rest[len(roles) :]
    return " ".join(written)
