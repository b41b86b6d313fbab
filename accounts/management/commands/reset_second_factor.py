from __future__ import annotations

from typing import Any

from accounts.management import operator
from accounts.sign_in.lost_factor import begin_reset


class Command(operator.OperatorCommand):
    """Begins the reset of a lost second factor; it waits 24 hours, in which those concerned can cancel it."""

    help = (
        "Begin the reset of a person's lost second factor. They and the admins of their organisation are told, and can"
        " cancel it for 24 hours; then the factors are gone, and the person adds another one after signing in."
    )
    takes = (operator.add_person, operator.add_reason)

    def run(self, **options: Any) -> str:
        person = operator.person(options["email"])
        reset = begin_reset(actor=None, person=person, reason=options["reason"])
        return f"Begun for {person.email}; takes effect at {reset.due_at:%Y-%m-%d %H:%M} UTC."
