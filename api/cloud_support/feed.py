"""What happened to a case, in the order of time: its comments and its files (v2beta)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import F, Model, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.moments import rfc3339
from api.cloud_support.asked import case_named, size_of
from api.cloud_support.comments import comments
from api.cloud_support.showing import shown_comment, shown_file
from api.core.call import Call
from api.core.errors import Invalid
from api.core.methods import serves
from api.core.paging import place_of, token_of
from support.models import Attachment, Case, CaseEvent

# Which of two things of one moment stands first.
_COMMENT, _FILE = 0, 1
M = TypeVar("M", bound=Model)
Key = tuple[datetime, int, Any]


@serves("cloudsupport.cases.showFeed")
def show_feed(call: Call) -> dict[str, Any]:
    """Return comments and files together, the first ones first, or the last ones."""
    case, descending = case_named(call, call.params["parent"], "parent"), _is_descending(call)
    size, after = size_of(call), _after(call)
    said = _behind(comments().filter(case=case).select_related("by"), "at", _COMMENT, after, descending)
    files = _behind(case.attachments.select_related("uploaded_by"), "uploaded_at", _FILE, after, descending)
    found: list[tuple[Key, CaseEvent | Attachment]] = [
        *(((event.at, _COMMENT, event.pk), event) for event in said[: size + 1]),
        *(((file.uploaded_at, _FILE, file.pk), file) for file in files[: size + 1]),
    ]
    found.sort(key=lambda each: each[0], reverse=descending)
    numbers = _numbers(case, found[:size])
    answer: dict[str, Any] = {"feedItems": [_shown(case, row, numbers) for _key, row in found[:size]]}
    if len(found) <= size:
        return answer
    at, rank, pk = found[size - 1][0]
    return answer | {"nextPageToken": token_of(call, [at.isoformat(), rank, str(pk)])}


def _is_descending(call: Call) -> bool:
    words = call.params.get("orderBy", "").lower().split() or ["creation_time"]
    if words[0] not in {"creation_time", "creationtime"} or words[1:] not in ([], ["asc"], ["desc"]):
        raise Invalid("orderBy")
    return words[1:] == ["desc"]


def _after(call: Call) -> Key | None:
    place = place_of(call)
    if place is None:
        return None
    at, rank, pk = place
    return datetime.fromisoformat(at), rank, int(pk) if rank == _COMMENT else UUID(pk)


def _behind(rows: QuerySet[M], at: str, rank: int, after: Key | None, descending: bool) -> QuerySet[M]:
    """Return the rows behind a place of the feed, in its order."""
    sign = "lt" if descending else "gt"
    rows = rows.order_by(*(f"-{each}" if descending else each for each in (at, "pk")))
    if after is None:
        return rows
    moment, rank_there, pk = after
    behind = Q(**{f"{at}__{sign}": moment})
    if rank == rank_there:
        behind |= Q(**{at: moment, f"pk__{sign}": pk})
    elif (rank < rank_there) == descending:
        behind |= Q(**{at: moment})
    return rows.filter(behind)


def _numbers(case: Case, found: list[tuple[Key, CaseEvent | Attachment]]) -> dict[int, int]:
    """Return which of the case's comments each one is."""
    if not any(key[1] == _COMMENT for key, _row in found):
        return {}
    number = Window(RowNumber(), order_by=F("pk").asc())
    return dict(comments().filter(case=case).annotate(number=number).values_list("pk", "number"))


def _shown(case: Case, row: CaseEvent | Attachment, numbers: dict[int, int]) -> dict[str, Any]:
    if isinstance(row, CaseEvent):
        return {"eventTime": rfc3339(row.at), "comment": shown_comment(case, row, numbers[row.pk])}
    return {"eventTime": rfc3339(row.uploaded_at), "attachment": shown_file(case, row)}
