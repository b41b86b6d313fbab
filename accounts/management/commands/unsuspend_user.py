from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.directory.people import unsuspend_user
from accounts.management import operator


class Command(operator.OperatorCommand):
    """Restores a suspended person."""

    help = "Restore a suspended person with the roles it had."

    def add_arguments(self, parser: CommandParser) -> None:
        operator.add_person(parser)

    def run(self, **options: Any) -> str:
        person = unsuspend_user(actor=None, person=operator.person(options["email"]))
        return f"Restored {person.email}."
