"""Whether this process lives, and whether what it works with is there: for load balancers and for people who watch.

Both answer without session and cookie, over plain HTTP and under any host name, since probes come by address.
They say what fails in one word; why is in the log, so that no address or password leaves this machine.
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reseller_console.metrics.answering import metrics
from web.guards import everybody
from web.readiness import failing, readiness


def answer_probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer probes in front of every other middleware: a visitor's session needs the database, a probe must not."""

    def middleware(request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info)
        return probe(request) if probe else get_response(request)

    return middleware


@never_cache
@require_safe
@everybody
def live(request: HttpRequest) -> HttpResponse:
    """Answer as long as this process can; asks nobody."""
    return JsonResponse({"live": True})


@never_cache
@require_safe
@everybody
def ready(request: HttpRequest) -> HttpResponse:
    """Say which part fails: the database, its migrations, our role, its limits, broker, workers, or scheduler (R8, R9).

    503 when any does. An instance whose broker or workers are away still serves every page, so this is for
    alarms and for waiting at the start, and `live` for taking an instance out of service.
    """
    parts = readiness()
    away = failing(parts)
    return JsonResponse({"ready": not away, "failing": away, **parts}, status=503 if away else 200)


PROBES: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/health/live": live,
    "/health/ready": ready,
    "/metrics": metrics,
}
