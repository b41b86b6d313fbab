from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.management.operator import OperatorCommand
from accounts.organisations import create_customer


class Command(OperatorCommand):
    """Creates a customer."""

    help = "Create a customer. Give it a super admin with create_user next."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("primary_domain", help="Its console is found under this domain.")

    def run(self, **options: Any) -> str:
        customer = create_customer(actor=None, name=options["name"], primary_domain=options["primary_domain"])
        return f"Created customer {customer.name} at {customer.primary_domain}."
