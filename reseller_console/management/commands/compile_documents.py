from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from api.core.trimming import trim_all


class Command(BaseCommand):
    """Trims the original's discovery documents for the APIs; says nothing when nothing changed."""

    help = "Write the discovery documents that the APIs are served by, from the package google-api-python-client."
    # The check that asks for what this command writes is one of them.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changed = trim_all(settings.API_DOCUMENTS)
        except FileNotFoundError as error:
            raise CommandError(str(error)) from error
        for name in changed if options["verbosity"] else []:
            self.stdout.write(f"wrote {name}")
