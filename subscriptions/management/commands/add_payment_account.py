from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from accounts.errors import Refused
from accounts.management import operator
from subscriptions.billing import Details, add_payment_account, masked
from subscriptions.models.order import PaymentKind

_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


class Command(operator.OperatorCommand):
    """Adds a payment account to what a customer sees on the page Billing: masked, never a whole number."""

    help = "Show a customer how it pays the vendor. Takes the last four digits of a card or an account, never more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", metavar="domain", help="Primary domain of the customer.")
        parser.add_argument("kind", choices=PaymentKind.values, help="How the customer pays.")
        parser.add_argument("holder", help="To whom the card or the account belongs.")
        parser.add_argument("--institution", default="", help="The brand of the card or the name of the bank.")
        parser.add_argument("--last-digits", default="", help="The last four digits.")
        parser.add_argument("--expires", default="", metavar="YYYY-MM", help="The last month of a card.")
        parser.add_argument("--primary", action="store_true", help="Charged from now on. The first account always is.")

    def run(self, **options: Any) -> str:
        account = add_payment_account(
            actor=None,
            customer=operator.customer(options["customer"]),
            details=Details(
                kind=PaymentKind(options["kind"]),
                holder=options["holder"],
                institution=options["institution"],
                last_digits=options["last_digits"],
                expires_on=_last_day(options["expires"]),
            ),
            is_primary=options["primary"],
        )
        return f"Added payment account {account.pk}: {masked(account)}{', primary' if account.is_primary else ''}."


def _last_day(month: str) -> date | None:
    if not month:
        return None
    if (found := _MONTH.fullmatch(month)) is None:
        raise Refused("Give the month as YYYY-MM.", "expires")
    year, number = int(found[1]), int(found[2])
    return date(year, number, calendar.monthrange(year, number)[1])
