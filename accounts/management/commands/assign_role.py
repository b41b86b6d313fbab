from __future__ import annotations

from typing import Any

from accounts.directory.people import assign_role
from accounts.management import operator
from accounts.roles import Role


class Command(operator.OperatorCommand):
    """Gives a person a role of their kind of organisation."""

    help = "Give a person a role."
    takes = (operator.add_person, operator.add_role)

    def run(self, **options: Any) -> str:
        person, role = operator.person(options["email"]), Role(options["role"])
        assign_role(actor=None, person=person, role=role)
        return f"{person.email} holds the role {role.label}."
