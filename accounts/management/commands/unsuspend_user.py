from __future__ import annotations

from typing import Any

from accounts.directory.people import unsuspend_user
from accounts.management import operator


class Command(operator.OperatorCommand):
    """Restores a suspended person."""

    help = "Restore a suspended person with the roles they had."
    takes = (operator.add_person,)

    def run(self, **options: Any) -> str:
        person = unsuspend_user(actor=None, person=operator.person(options["email"]))
        return f"Restored {person.email}."
