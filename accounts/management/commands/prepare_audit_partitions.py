from __future__ import annotations

import logging
from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from accounts.database.partitions import WARN_BELOW, days_ahead, prepare_partitions
from accounts.database.roles import as_owner
from accounts.database.time_limits import long_work

logger = logging.getLogger(__name__)

_DAY = 24 * 60 * 60


class Command(BaseCommand):
    """Owner's work that no web server, worker or scheduler may do: see accounts/database/partitions.py."""

    help = "Makes the audit log's tables of the next months, as the owner (DATABASE_OWNER_URL)."

    def add_arguments(self, parser: CommandParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--daily", action="store_true", help="stay, and do it once a day")
        how.add_argument(
            "--check", action="store_true", help="make nothing; exit with 1 where less than 60 days lie ahead"
        )

    def handle(self, *, daily: bool, check: bool, **options: Any) -> None:
        if check:
            self.check_ahead()
            return
        while daily:
            try:
                self.prepare()
            except DatabaseError:
                # The next day is early enough: twelve months lie ahead, and /health/ready warns below sixty days.
                logger.exception("the partitions of the audit log could not be prepared")
            connection.close()
            sleep(_DAY)
        self.prepare()

    def check_ahead(self) -> None:
        """Tell a probe whether the months are prepared."""
        days = days_ahead()
        if days < WARN_BELOW:
            raise CommandError(f"The audit log has a place for each of the next {days:.0f} days only.")

    def prepare(self) -> None:
        with as_owner(), long_work():
            made = prepare_partitions()
            days = days_ahead()
        self.stdout.write(f"{made} partitions made; the audit log has a place for each of the next {days:.0f} days.")
