from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reseller_console.translations import languages, problems


class Command(BaseCommand):
    """Ends with status 1 unless every text of ours is translated, and nothing else is in the files."""

    help = "Check that the translations are complete, current and have the placeholders of their texts."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        found = [problem for language in languages() for problem in problems(language)]
        for problem in found:
            self.stderr.write(problem)
        if found:
            raise CommandError(f"{len(found)} problems in the translations")
