from __future__ import annotations

from typing import Any

from accounts.management import operator
from accounts.organisations import unsuspend_reseller


class Command(operator.OperatorCommand):
    """Restores a reseller (R13)."""

    help = "Restore a suspended reseller."
    takes = (operator.add_reseller,)

    def run(self, **options: Any) -> str:
        reseller = unsuspend_reseller(actor=None, reseller=operator.reseller(options["reseller"]))
        return f"Restored {reseller.name}."
