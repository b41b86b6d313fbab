from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from reseller_console.translations import languages, merged, path_of, text_of


class Command(BaseCommand):
    """Writes the texts to translate into locale/, and keeps the translations there are."""

    help = "Collect the texts to translate from our packages and templates."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for language in languages():
            path = path_of(language)
            catalogue = merged(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text_of(catalogue), encoding="utf-8")
            missing = len(catalogue.untranslated_entries())
            self.stdout.write(f"{language}: {len(catalogue)} texts, {missing} not translated")
