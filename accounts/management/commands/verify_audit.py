from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.seals.verifying import Verdict, verify


class Command(BaseCommand):
    """Reads only. Exit status 1: the log or its seals are not what was sealed; 2: the place outside did not answer."""

    help = "Verifies the audit log by its seals, and these by what is kept outside the database (A5)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--public-key",
            action="append",
            default=[],
            metavar="KEY",
            help="A key that may have signed, as hexadecimal digits, beside those that are kept outside.",
        )

    def handle(self, *, public_key: list[str], **options: Any) -> None:
        verdict = verify(trusted=public_key)
        self.say(verdict)
        if verdict.problems:
            raise CommandError("The audit log is not what was sealed. The first: " + verdict.problems[0], returncode=1)
        if not verdict.is_compared:
            raise CommandError("Not compared with the place outside.", returncode=2)

    def say(self, verdict: Verdict) -> None:
        """Print what was verified, and each problem in the order of the log."""
        for note in verdict.notes:
            self.stdout.write(note)
        for problem in verdict.problems:
            self.stdout.write(f"WRONG: {problem}")
        self.stdout.write(
            f"{verdict.seals} seals and {verdict.events} events are as they were sealed;"
            f" {verdict.unsealed} events wait for their seal."
        )
