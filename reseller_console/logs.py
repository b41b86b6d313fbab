"""What the log leaves out."""

from __future__ import annotations

import logging
import re

from django.core.exceptions import PermissionDenied

# What stands behind these opens something; deploy/nginx.conf leaves the same out of the front's lines.
_OPENS = re.compile(r"(/accounts/password/reset/key/|/support/verify/)[^/\s]+")


def without_what_opens(record: logging.LogRecord) -> bool:
    """Cut tokens off the URLs of requests that were refused or failed."""
    if isinstance(record.args, tuple):
        record.args = tuple(_OPENS.sub(r"\1-", each) if isinstance(each, str) else each for each in record.args)
    return True


def without_trace_of_refusals(record: logging.LogRecord) -> bool:
    """Keep the line of a refused request, and drop its traceback: that someone may not is no fault of the program."""
    if record.exc_info and isinstance(record.exc_info[1], PermissionDenied):
        record.exc_info = None
    return True
