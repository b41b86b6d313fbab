from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.management import operator
from accounts.organisations import create_reseller


class Command(operator.OperatorCommand):
    """Creates a reseller."""

    help = "Create a reseller. Give it a reseller admin with create_user next."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("primary_domain")
        parser.add_argument("--postal-address", default="")

        parser.add_argument("--despite-addresses", action="store_true", help=operator.DESPITE_ADDRESSES)

    def run(self, **options: Any) -> str:
        reseller = create_reseller(
            actor=None,
            name=options["name"],
            primary_domain=options["primary_domain"],
            postal_address=options["postal_address"],
            despite_addresses=options["despite_addresses"],
        )
        return f"Created reseller {reseller.name} at {reseller.primary_domain}, public id {reseller.public_id}."
