"""What a scrape says, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.test import Client
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from pytest_django import Settings

from reseller_console.metrics import asked

TOKEN = "a-token-of-a-test-0123456789-abcdefghij"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}

# The name of a number and its labels.
Series = tuple[str, tuple[tuple[str, str], ...]]


def parsed(text: str) -> dict[Series, float]:
    """Every number of an answer; fails where it is no OpenMetrics."""
    return numbers(text_string_to_metric_families(text))  # type: ignore[no-untyped-call]


def numbers(families: Iterable[Metric]) -> dict[Series, float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def value(found: dict[Series, float], name: str, **labels: str) -> float:
    """One number; 0 where nothing was counted yet."""
    return found.get((name, tuple(sorted(labels.items()))), 0.0)


@pytest.fixture(autouse=True)
def a_token_is_set(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are asked in this thread, whose transaction sees them."""
    monkeypatch.setattr("reseller_console.metrics.answering.asked", lambda: list(asked.read()))


def scrape() -> dict[Series, float]:
    answer = Client().get("/metrics", headers=SHOWN)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    return parsed(answer.content.decode())
