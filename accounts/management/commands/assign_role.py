from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from accounts.directory.people import assign_role
from accounts.management import operator
from accounts.roles import Role


class Command(operator.OperatorCommand):
    """Gives a person a role of its kind of organisation."""

    help = "Give a person a role."

    def add_arguments(self, parser: CommandParser) -> None:
        operator.add_person(parser)
        operator.add_role(parser)

    def run(self, **options: Any) -> str:
        person, role = operator.person(options["email"]), Role(options["role"])
        assign_role(actor=None, person=person, role=role)
        return f"{person.email} holds the role {role.label}."
