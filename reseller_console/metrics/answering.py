"""The page that Prometheus asks. It is found by nobody else: 404 without METRICS_TOKEN, and none where none is set."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from reseller_console.metrics.asked import asked
from reseller_console.metrics.counted import counted
from web.guards import everybody


class _All(Collector):
    def collect(self) -> Iterator[Metric]:
        yield from counted()
        yield from asked()


@never_cache
@everybody
def metrics(request: HttpRequest) -> HttpResponse:
    """Say what this web server has counted and what the rows say, in OpenMetrics."""
    expected = f"Bearer {settings.METRICS_TOKEN}"
    if not (settings.METRICS_TOKEN and constant_time_compare(request.headers.get("Authorization", ""), expected)):
        return HttpResponseNotFound()
    return _all(request)


@require_safe
def _all(request: HttpRequest) -> HttpResponse:
    registry = CollectorRegistry()
    registry.register(_All())
    said = generate_latest(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(said, content_type=CONTENT_TYPE_LATEST)
