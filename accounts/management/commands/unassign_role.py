from __future__ import annotations

from typing import Any

from accounts.directory.people import unassign_role
from accounts.management import operator
from accounts.roles import Role


class Command(operator.OperatorCommand):
    """Takes a role from a person, but never from the last admin of an organisation (P7, P11)."""

    help = "Take a role from a person."
    takes = (operator.add_person, operator.add_role)

    def run(self, **options: Any) -> str:
        person, role = operator.person(options["email"]), Role(options["role"])
        unassign_role(actor=None, person=person, role=role)
        return f"{person.email} does not hold the role {role.label}."
