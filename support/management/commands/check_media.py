from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from support import file_storage
from support.file_storage import StorageAway
from support.stored_files import missing, orphans


class Command(BaseCommand):
    """Compares the files of cases with their rows; run it where the web process runs, which reaches them."""

    help = "List files of cases that are missing, and files that no case has; exit status 1 when there are any."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--remove-orphans", action="store_true", help="remove the files that no case has")

    def handle(self, *_args: Any, remove_orphans: bool, **_options: Any) -> None:
        try:
            found = self._list(remove_orphans=remove_orphans)
        except StorageAway as error:
            raise CommandError(f"The storage of attachments does not answer: {error}") from error
        if found:
            raise SystemExit(1)
        self.stdout.write("Every file of a case is there, and no other.")

    def _list(self, *, remove_orphans: bool) -> int:
        found = 0
        for file in missing():
            found += 1
            self.stdout.write(f"missing  {file.pk.hex}  case {file.case_id}  {file.name}")
        for name in orphans():
            if remove_orphans:
                file_storage.remove_named(name)
                self.stdout.write(f"removed  {name}")
            else:
                found += 1
                self.stdout.write(f"orphan   {name}")
        return found
