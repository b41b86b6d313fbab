"""What the log leaves out."""

from __future__ import annotations

import logging

from django.core.exceptions import PermissionDenied


def without_trace_of_refusals(record: logging.LogRecord) -> bool:
    """Keep the line of a refused request, and drop its traceback: that someone may not is no fault of the program."""
    if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
        record.exc_info = None
    return True
