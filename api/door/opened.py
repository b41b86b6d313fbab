"""What a machine from outside reads in a console is written down before it is answered (R23)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.db import DatabaseError, InterfaceError

from accounts.console_sessions.opened import Opened, note_opened
from accounts.models import ConsoleSession
from api.core.call import Call
from api.core.errors import ApiError
from api.core.shown import when_shown

logger = logging.getLogger(__name__)

# How long paths and names of methods may be where they are kept.
_PATH, _PAGE, _TITLE = 200, 60, 300
# What says where a list goes on, and how an answer is written: no filters.
_NO_FILTERS: Final = frozenset(
    {"pageToken", "maxResults", "pageSize", "fields", "prettyPrint", "alt", "key", "quotaUser"}
)
# How resources call themselves, the most telling first.
_NAMES: Final = ("primaryEmail", "email", "displayName", "name", "serialNumber", "skuName", "roleName", "domainName")
_RETRY_AFTER: Final = "10"


def note_reads(call: Call, visit: ConsoleSession) -> None:
    """Write down what a call shows through a visit, before it is answered: of an object its name, of a list how many
    rows and by which filter.

    Where it cannot be written, nothing is shown: ApiError (503).
    """

    def note(shown: Call, answer: Any) -> None:
        try:
            note_opened(visit.pk, _opened(shown, answer if isinstance(answer, Mapping) else {}))
        except (DatabaseError, InterfaceError) as error:
            logger.exception("what was read in visit %s could not be written down", visit.pk)
            text = "What you read cannot be written down at the moment. Try again."
            raise ApiError(503, "backendError", text, headers={"Retry-After": _RETRY_AFTER}) from error

    when_shown(call.request, note)


def _opened(call: Call, answer: Mapping[str, Any]) -> Opened:
    listed = [value for value in answer.values() if isinstance(value, list) and all(isinstance(v, dict) for v in value)]
    is_list = call.method.rpartition(".")[2].startswith(("list", "search", "showFeed"))
    asked = {name: value for name, value in call.params.items() if name not in _NO_FILTERS}
    return Opened(
        page=call.method[:_PAGE],
        path=call.request.path.lstrip("/")[:_PATH],
        filter=urlencode(sorted(asked.items())) if is_list else "",
        rows=sum(map(len, listed)) if is_list else None,
        title="%(title)s",
        about={"title": "" if is_list else _name_of(answer)},
    )


def _name_of(answer: Mapping[str, Any]) -> str:
    found = next((answer[name] for name in _NAMES if isinstance(answer.get(name), str)), "")
    return found[:_TITLE]
