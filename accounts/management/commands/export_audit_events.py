from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.errors import Refused
from accounts.seals.exporting import final_events, mark_from


class Command(BaseCommand):
    help = "Prints the final events of the audit log as JSON lines, for a collector that goes on where it stopped (A5)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--after", metavar="POSITION", help="The position of the last line that was collected.")

    def handle(self, *, after: str | None, **options: Any) -> None:
        try:
            mark = mark_from(after) if after else None
        except Refused as refused:
            raise CommandError(f"{refused.field}: {refused.message}") from refused
        for line in final_events(mark):
            self.stdout.write(str(line))
