from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.management import operator
from accounts.organisations import unsuspend_reseller


class Command(operator.OperatorCommand):
    """Restores a reseller (R13)."""

    help = "Restore a suspended reseller."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("reseller", metavar="domain", help="Primary domain of the reseller.")

    def run(self, **options: Any) -> str:
        reseller = unsuspend_reseller(actor=None, reseller=operator.reseller(options["reseller"]))
        return f"Restored {reseller.name}."
