from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.management import operator
from accounts.organisations import create_customer


class Command(operator.OperatorCommand):
    """Creates a customer."""

    help = "Create a customer. Give it a super admin with create_user next."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("primary_domain", help="Its console is found under this domain.")

        parser.add_argument("--despite-addresses", action="store_true", help=operator.DESPITE_ADDRESSES)

    def run(self, **options: Any) -> str:
        customer = create_customer(
            actor=None,
            name=options["name"],
            primary_domain=options["primary_domain"],
            despite_addresses=options["despite_addresses"],
        )
        return f"Created customer {customer.name} at {customer.primary_domain}."
