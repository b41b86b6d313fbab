"""What must know what a call shows, before it is answered (R23): noted by who lets machines in (api/door/opened.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest

from api.core.call import Call

Note = Callable[[Call, Any], None]
# Where a request keeps who must know.
_NOTE: Final = "api_note_of_answer"


def when_shown(request: HttpRequest, note: Note) -> None:
    """Let this know what the call of a request shows."""
    setattr(request, _NOTE, note)


def note_shown(call: Call, answer: Any) -> None:
    """Say what a call that changes nothing is about to show. What this raises is answered in its place."""
    note: Note | None = getattr(call.request, _NOTE, None)
    if note is not None:
        note(call, answer)
