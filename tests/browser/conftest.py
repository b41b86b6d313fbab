"""The machine's own Chromium under Playwright; where there is none, these tests are skipped and say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser import stage
from tests.browser.journey import Journey

# The first has no windows, menus and extensions, which no test looks at: a third less CPU time for the browser.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The first of the usual names on the PATH."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session", autouse=True)
def _a_browser_is_here() -> None:
    if chromium() is None:
        pytest.skip(f"no browser on this machine: none of {', '.join(NAMES)} is on the PATH")


@pytest.fixture(scope="package", autouse=True)
def _database_beside_an_event_loop() -> Iterator[None]:
    """Playwright keeps an event loop in this thread, and Django would refuse its database there.

    For these tests only, and for as long as the package: each test's flush comes after its own fixtures have ended.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="session")
def playwright(django_db_setup: None) -> Iterator[Playwright]:
    """After the database was made, so that the event loop is gone before the database is removed."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Chromium's sandbox does not start as root."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    args = [*browser_type_launch_args.get("args", []), *root]
    return {**browser_type_launch_args, "executable_path": chromium(), "args": args}


@pytest.fixture(params=[("en", "light", 1280), ("fr", "dark", 360)], ids=["en", "fr"])
def journey(
    request: pytest.FixtureRequest, browser: Browser, live_server: LiveServer, transactional_db: None
) -> Iterator[Journey]:
    """A journey in English at a desk, and once more in French on a telephone in the dark."""
    language, scheme, width = request.param
    journey = Journey(browser, live_server.url, stage.build(language=language), language, scheme, width)
    yield journey
    journey.close()
