"""Moments as the original's APIs write them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware

from api.core.errors import Invalid


def moment_of(text: str, what: str) -> datetime:
    """Return the moment that RFC 3339 writes so. what: the parameter it stands in. Raises Invalid."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or not is_aware(moment):
        raise Invalid(what)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise Invalid(what) from error
