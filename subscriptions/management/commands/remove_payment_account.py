from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.errors import Refused
from accounts.management import operator
from subscriptions.billing import masked, payment_accounts_of, remove_payment_account


class Command(operator.OperatorCommand):
    """Removes a payment account from what a customer sees on the page Billing."""

    help = "Remove a payment account. Without a number: list the customer's accounts with their numbers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("customer", metavar="domain", help="Primary domain of the customer.")
        parser.add_argument("account", type=int, nargs="?", help="Number of the account.")

    def run(self, **options: Any) -> str:
        accounts = payment_accounts_of(operator.customer(options["customer"])).select_related("customer")
        if options["account"] is None:
            return "\n".join(f"{each.pk}: {masked(each)}, {each.holder}" for each in accounts) or "No accounts."
        account = accounts.filter(pk=options["account"]).first()
        if account is None:
            raise Refused(f"The customer has no account {options['account']}.", "account")
        follower = remove_payment_account(actor=None, account=account)
        done = f"Removed {masked(account)}."
        return f"{done} Primary is now {follower.pk}: {masked(follower)}." if follower else done
