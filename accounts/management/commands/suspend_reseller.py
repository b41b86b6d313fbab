from __future__ import annotations

from typing import Any

from accounts.management import operator
from accounts.organisations import suspend_reseller


class Command(operator.OperatorCommand):
    """Suspends a reseller (R13)."""

    help = "Suspend a reseller: none of its people has access anywhere from the next request on."
    takes = (operator.add_reseller,)

    def run(self, **options: Any) -> str:
        reseller = suspend_reseller(actor=None, reseller=operator.reseller(options["reseller"]))
        return f"Suspended {reseller.name}."
