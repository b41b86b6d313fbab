"""Loads the middleware once for all browsers of the test client, as a server does once for all of its visitors.

Django loads it for each `Client`, and each time WhiteNoise looks at every static file: a quarter of the time of a page.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test.client import ClientHandler
from django.test.signals import setting_changed

WHAT_IS_LOADED = ("_view_middleware", "_template_response_middleware", "_exception_middleware", "_middleware_chain")


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what the first browser loads, until a test changes a setting: middleware may read it when it is loaded."""
    load = ClientHandler.load_middleware
    kept: dict[str, Any] = {}

    def load_middleware(handler: ClientHandler, is_async: bool = False) -> None:
        if not kept:
            load(handler, is_async)
            kept.update((name, getattr(handler, name)) for name in WHAT_IS_LOADED)
        vars(handler).update(kept)

    def forget(**_changed: object) -> None:
        kept.clear()

    monkeypatch.setattr(ClientHandler, "load_middleware", load_middleware)
    setting_changed.connect(forget, weak=False)
