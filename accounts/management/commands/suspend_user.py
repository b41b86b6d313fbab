from __future__ import annotations

from typing import Any

from accounts.directory.people import suspend_user
from accounts.management import operator


class Command(operator.OperatorCommand):
    """Suspends a person (P8), but never the last active super admin of a customer (P7)."""

    help = "Suspend a person: signed out everywhere, and nothing is open to them from the next request on."
    takes = (operator.add_person,)

    def run(self, **options: Any) -> str:
        person = suspend_user(actor=None, person=operator.person(options["email"]))
        return f"Suspended {person.email}."
