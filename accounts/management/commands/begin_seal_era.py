from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.database.roles import as_owner
from accounts.database.time_limits import long_work
from accounts.management.operator import OperatorCommand
from accounts.seals.eras import begin_seal_era


class Command(OperatorCommand):
    help = "Begins a new era of seals after a restore, as the owner (DATABASE_OWNER_URL)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", required=True, help="Why, for those who verify the log.")

    def run(self, **options: Any) -> str:
        with as_owner(), long_work():
            era = begin_seal_era(actor=None, reason=options["reason"])
        return f"Era {era.number} has begun. What the database has beyond its last seal is sealed first."
