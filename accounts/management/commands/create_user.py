from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import CommandParser

from accounts.directory.passwords import make_password_link
from accounts.directory.people import create_user
from accounts.errors import Refused
from accounts.management import operator
from accounts.roles import Role


class Command(operator.OperatorCommand):
    """Creates a person of one organisation (P1), with a link for a first password unless one is typed."""

    help = (
        "Create a person, who gets a mail with a link to set a password, unless --password asks for one. Prints such a"
        " link too."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="Address of the managed account.")
        parser.add_argument("name")
        operator.add_organisation(parser)
        parser.add_argument("--role", action="append", choices=Role.values, default=[], dest="roles", metavar="ROLE")
        parser.add_argument(
            "--password", action="store_true", help="Ask for a password; from a pipe, read it from the first line."
        )

    def run(self, **options: Any) -> str:
        person = create_user(
            actor=None,
            organisation=operator.organisation(options),
            email=options["email"],
            name=options["name"],
            password=_ask_password() if options["password"] else None,
            roles=[Role(role) for role in options["roles"]],
            invite=not options["password"],
        )
        done = f"Created {person.email} at {person.organisation_name}."
        if options["password"]:
            return done
        return f"{done}\n{operator.said_link(make_password_link(actor=None, person=person))}"


def _ask_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass("Password: ")
    if getpass("Password again: ") != password:
        raise Refused("The two passwords differ.", "password")
    return password
