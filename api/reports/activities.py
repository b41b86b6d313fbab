"""Activities: the events of the audit log as the original's Reports API gives them (A3, A4)."""

from __future__ import annotations

from typing import Any, Final

from accounts import keyset
from accounts.audit_log import page_of_events
from api.core.call import Call
from api.core.methods import serves
from api.core.paging import place_of, token_of
from api.reports.asked import MY_CUSTOMER, events_asked, log_of
from api.reports.forms import ADMIN, LOGIN
from api.reports.showing import shown

LARGEST_PAGE: Final = 1000


@serves("reports.activities.list")
def list_activities(call: Call) -> dict[str, Any]:
    """Return the activities that match, the newest first. Applications that are not here have none."""
    log = log_of(call.actor.user, call.params.get("customerId", MY_CUSTOMER))
    answer: dict[str, Any] = {"kind": "admin#reports#activities"}
    if call.params["applicationName"] not in (ADMIN, LOGIN):
        return answer
    key = place_of(call)
    at = keyset.Place("", tuple(key) if key else None, size=call.params.get("maxResults", LARGEST_PAGE))
    found = page_of_events(events_asked(call.params, log), at)
    if found.rows:
        answer["items"] = shown(found.rows, log)
    return answer | ({"nextPageToken": token_of(call, found.next)} if found.next else {})
