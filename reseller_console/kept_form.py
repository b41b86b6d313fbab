"""What was typed into a form that could not be saved, so that the page that says so can send it again."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict
from django.middleware.csrf import get_token

from web.unsaved import is_secret


def kept_form(request: HttpRequest) -> dict[str, Any]:
    """Return what a template needs to send a form again; nothing for a request that sent none. Asks no database.

    A form that could not be read is not tried again: reading it may be what failed.
    """
    posted: QueryDict | None = getattr(request, "_post", None)
    if request.method != "POST" or posted is None:
        return {}
    return {
        "action": request.get_full_path(),
        "csrf_token": get_token(request),
        "fields": [
            (name, value)
            for name, values in posted.lists()
            if not is_secret(name) and name != "csrfmiddlewaretoken"
            for value in values
        ],
        "lost": bool(request.FILES) or any(is_secret(name) for name in posted),
    }
