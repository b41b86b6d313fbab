from __future__ import annotations

from django.apps import AppConfig


class ResellerConsoleConfig(AppConfig):
    name = "reseller_console"

    def ready(self) -> None:
        from reseller_console import checks  # noqa: F401, PLC0415  registers the start-up checks
