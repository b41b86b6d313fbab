"""What a web server counts as it answers. Names of pages, numbers of answers: nothing of whom a page is about."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from reseller_console.metrics import files

# Where a URL is no page: a wrong address, or a request that was refused before it was read.
NO_PAGE: Final = "none"
# Seconds. A list page costs 40 to 50 ms (docs/performance.md), PostgreSQL ends a statement after 10 s.
STEPS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

_alone = CollectorRegistry()
REQUESTS = Counter("console_requests", "Requests answered, by page and status.", ["page", "status"], registry=_alone)
SECONDS = Histogram(
    "console_request_duration_seconds",
    "Seconds until a page was made, by page.",
    ["page"],
    buckets=STEPS,
    registry=_alone,
)
UNDER_WAY = Gauge(
    "console_requests_in_progress",
    "Requests that are being answered.",
    registry=_alone,
    multiprocess_mode="livesum",
)
REFUSED_SIGN_INS = Counter(
    "console_sign_ins_refused",
    "Sign-ins refused: wrong, or too many from one network.",
    ["reason"],
    registry=_alone,
)
# The page is shown again with the reason, or tells of the limit. A form without its token was no sign-in.
_REFUSALS: Final = {200: "wrong", 422: "wrong", 429: "too_many"}
for _reason in _REFUSALS.values():
    REFUSED_SIGN_INS.labels(_reason)


def count(*, page: str, method: str, status: int, seconds: float) -> None:
    """Count an answer. page: the name of its URL; empty where it has none."""
    REQUESTS.labels(page or NO_PAGE, str(status)).inc()
    SECONDS.labels(page or NO_PAGE).observe(seconds)
    if method == "POST" and page == settings.LOGIN_URL and status in _REFUSALS:
        REFUSED_SIGN_INS.labels(_REFUSALS[status]).inc()


def counted() -> list[Metric]:
    """Return what all processes of this web server have counted together."""
    place = files.directory()
    if place is None:
        return list(_alone.collect())
    with files.being_read(place):
        return list(MultiProcessCollector(None, str(place)).collect())  # type: ignore[no-untyped-call]
