"""Django's language and time zone of a request, kept where a thread finds them without a lock.

Django keeps both in asgiref's Local, which also follows a request from one coroutine to another and takes a lock each
time it is asked. A page asks a thousand times: with four threads of a web worker busy they wait for that lock in turn,
and the audit log fell from 32 to 9 pages a second (docs/performance.md). This product is served by threads alone
(reseller_console/web_server.py), for which `threading.local` means the same.
"""

from __future__ import annotations

import threading

from django.urls import base as urls
from django.utils import timezone
from django.utils.translation import trans_real


def use_thread_locals() -> None:
    """Put thread locals in the place of asgiref's; called once, before the first request."""
    trans_real._active = threading.local()  # type: ignore[attr-defined]  # noqa: SLF001  Django has no setting for it
    timezone._active = threading.local()  # type: ignore[attr-defined]  # noqa: SLF001  Django has no setting for it
    urls._prefixes = threading.local()  # type: ignore[attr-defined]  # noqa: SLF001  Django has no setting for it
    urls._urlconfs = threading.local()  # type: ignore[attr-defined]  # noqa: SLF001  Django has no setting for it
