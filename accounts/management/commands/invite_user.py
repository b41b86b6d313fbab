from __future__ import annotations

from typing import Any

from accounts.directory.invitations import invite_user
from accounts.management import operator


class Command(operator.OperatorCommand):
    """Sends a person who has no password yet a link to choose one, also again (P11)."""

    help = "Send a person without a password the mail with the link to set one."
    takes = (operator.add_person,)

    def run(self, **options: Any) -> str:
        person = operator.person(options["email"])
        invite_user(actor=None, person=person)
        return f"Invited {person.email}."
