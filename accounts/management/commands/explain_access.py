from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.authorisation import explain
from accounts.management import operator
from accounts.permissions import Permission


class Command(operator.OperatorCommand):
    """Says why a person may do something in a console at this instant, or what stands in the way (R24)."""

    help = "Say why a person has a permission in a customer's console, or why not."
    takes = (operator.add_person,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        names = [permission.value.removeprefix("accounts.") for permission in Permission]
        parser.add_argument("permission", choices=names, metavar="permission", help=f"One of: {', '.join(names)}.")
        parser.add_argument("customer", metavar="domain", help="Primary domain of the customer.")

    def run(self, **options: Any) -> str:
        person, customer = operator.person(options["email"]), operator.customer(options["customer"])
        why = explain(person, Permission(f"accounts.{options['permission']}"), customer)
        lines = [f"{'+' if fact.holds else '-'} {fact.text}" for fact in why.told]
        return "\n".join(["Yes." if why.allowed else "No.", *lines])
