"""Comments of a case: what was said about it, by its people and by vendor support."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet

from accounts.ids import is_id
from api.cloud_support.asked import case_named, size_of, text_in
from api.cloud_support.showing import shown_comment
from api.core.call import Call
from api.core.errors import NotFound
from api.core.methods import serves
from api.core.paging import place_of, token_of
from support.commenting import add_to_case
from support.models import CaseEvent
from support.models.case import EventKind

# As the original documents it; what was written on a page may be longer.
LONGEST: Final = 12_800
# Why a case was escalated, and how content one is with it, is said elsewhere.
_KINDS: Final = (EventKind.COMMENTED, EventKind.STATE_CHANGED, EventKind.CLOSED, EventKind.REOPENED)


def comments() -> QuerySet[CaseEvent]:
    """Return what was said about cases. None of it is ever removed: the place of each in its case is its number."""
    return CaseEvent.objects.filter(kind__in=_KINDS).exclude(text="")


@serves("cloudsupport.cases.comments.list")
def list_comments(call: Call) -> dict[str, Any]:
    """Return the comments of a case, the first one first."""
    case = case_named(call, call.params["parent"], "parent")
    [start] = place_of(call) or [0]
    end = start + size_of(call)
    found = list(comments().filter(case=case).select_related("by").order_by("pk")[start : end + 1])
    said = [shown_comment(case, event, number) for number, event in enumerate(found[: end - start], start + 1)]
    answer: dict[str, Any] = {"comments": said}
    return answer | ({"nextPageToken": token_of(call, [end])} if len(found) > end - start else {})


@serves("cloudsupport.cases.comments.get")
def get(call: Call) -> dict[str, Any]:
    """Return one comment."""
    name = call.params["name"]
    case = case_named(call, name)
    number = name.rpartition("/")[2]
    place = int(number) - 1 if is_id(number) else -1
    found = list(
        comments().filter(case=case).select_related("by").order_by("pk")[place : place + 1] if place >= 0 else []
    )
    if not found:
        raise NotFound("name")
    return shown_comment(case, found[0], place + 1)


@serves("cloudsupport.cases.comments.create")
def create(call: Call) -> dict[str, Any]:
    """Add a comment. Refused where the case is closed."""
    case = case_named(call, call.params["parent"], "parent")
    text = text_in(call.body, "body", LONGEST)
    event = add_to_case(actor=call.actor, case_id=case.pk, text=text).event
    return shown_comment(case, event, comments().filter(case=case, pk__lte=event.pk).count())
