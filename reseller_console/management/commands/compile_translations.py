from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Compiles what is newer than its compiled file; does nothing, and says nothing, when nothing is."""

    help = "Compile the translations in locale/."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        for source in sorted((settings.BASE_DIR / "locale").glob("*/LC_MESSAGES/*.po")):
            if compile_file(source) and options["verbosity"]:
                self.stdout.write(f"compiled {source.relative_to(settings.BASE_DIR)}")


def compile_file(source: Path) -> bool:
    """Compile one file of translations into its neighbour; returns whether there was something to do."""
    target = source.with_suffix(".mo")
    edited = source.stat().st_mtime_ns
    if target.exists() and target.stat().st_mtime_ns == edited:
        return False
    unfinished = target.with_suffix(".mo.unfinished")
    unfinished.write_bytes(polib.pofile(str(source)).to_binary())
    # The source's own time, read before it: what was edited meanwhile, or is older again, is compiled again.
    os.utime(unfinished, ns=(edited, edited))
    unfinished.replace(target)
    return True
