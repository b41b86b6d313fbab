from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from support.stored_files import missing, orphans


class Command(BaseCommand):
    """Compares the files of cases with their rows; run it where MEDIA_ROOT is: in the web process's place."""

    help = "List files of cases that are missing, and files that no case has; exit status 1 when there are any."

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = 0
        for file in missing():
            found += 1
            self.stdout.write(f"missing  {file.pk.hex}  case {file.case_id}  {file.name}")
        for path in orphans():
            found += 1
            self.stdout.write(f"orphan   {path}")
        if found:
            raise SystemExit(1)
        self.stdout.write("Every file of a case is there, and no other.")
