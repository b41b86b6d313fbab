"""Answers as programs read them."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpResponse
from scim2_models import Context

from api.scim.errors import RETRY_AFTER, MethodNotAllowed, error_of

MEDIA_TYPE: Final = "application/scim+json"


def answered(said: Any, *, status: int = 200, context: Context = Context.DEFAULT, **how: Any) -> HttpResponse:
    """Return an answer in JSON. how: which attributes are asked for."""
    text = said.model_dump_json(scim_ctx=context, **how)
    return HttpResponse(text, status=status, content_type=MEDIA_TYPE)


def refused(error: Exception) -> HttpResponse:
    """Return what is said of an error."""
    said = error_of(error)
    response = answered(said, status=said.status or 500)
    if response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="SCIM"'
    if response.status_code in (429, 503):
        response.headers["Retry-After"] = str(RETRY_AFTER)
    if isinstance(error, MethodNotAllowed):
        response.headers["Allow"] = ", ".join(error.methods)
    return response
