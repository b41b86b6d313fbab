from __future__ import annotations

import logging

from django.apps import AppConfig
from django.conf import settings

from reseller_console.thread_locals import use_thread_locals


class ResellerConsoleConfig(AppConfig):
    name = "reseller_console"

    def ready(self) -> None:
        use_thread_locals()
        # What Python warns of is a line like all others.
        logging.captureWarnings(settings.LOG_FORMAT == "json")
        from reseller_console import checks  # noqa: F401, PLC0415  registers the start-up checks
