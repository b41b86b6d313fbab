from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.background import heartbeats


class Command(BaseCommand):
    help = "Fails unless the scheduler, or a worker of a queue, said in the last half minute that it works."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one name."""
        parser.add_argument("name", choices=[heartbeats.SCHEDULER, *settings.SWEEPS])

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how long ago that was where it is too long; the exit status is 1 then."""
        age = heartbeats.ages([options["name"]])[options["name"]]
        if not heartbeats.is_fresh(age):
            raise CommandError(f"{options['name']}: last heard of {age} seconds ago")
