from __future__ import annotations

from typing import Any

from accounts.directory.passwords import make_password_link
from accounts.management import operator


class Command(operator.OperatorCommand):
    """Makes a link for a new password, for a person whom no mail reaches; the audit log says so."""

    help = "Print a link with which a person sets a new password. It works once; hand it over to nobody else."
    takes = (operator.add_person,)

    def run(self, **options: Any) -> str:
        return operator.said_link(make_password_link(actor=None, person=operator.person(options["email"])))
