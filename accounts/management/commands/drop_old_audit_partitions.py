from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from accounts.database.roles import as_owner
from accounts.database.time_limits import long_work
from accounts.management.operator import OperatorCommand
from accounts.seals.retention import drop_old_months, old_months


class Command(OperatorCommand):
    help = (
        "Drops the months of the audit log that AUDIT_RETENTION no longer keeps, as the owner; their seals stay (A5)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only say which tables that would be")

    def run(self, **options: Any) -> str:
        if options["check"]:
            tables = old_months(settings.AUDIT_RETENTION).tables if settings.AUDIT_RETENTION else []
            return "\n".join(tables) or "No month is older than what is kept."
        with as_owner(), long_work():
            went = drop_old_months(actor=None, months=settings.AUDIT_RETENTION)
        return f"{went} events were dropped. Their seals stay: verify_audit says which are kept only as seals."
