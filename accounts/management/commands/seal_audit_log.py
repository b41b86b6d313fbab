from __future__ import annotations

import logging
from time import sleep
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, OperationalError, connection

from accounts.database.roles import excess_rights_of_sealer
from accounts.seals.keys import KeyMissing, signing_key
from accounts.seals.sealer import Sealer
from accounts.seals.status import INTERVAL, Trouble, status

logger = logging.getLogger(__name__)


def refuse_another_role() -> None:
    """Stop a sealing process that has no role of its own, or one that could do more than seal (A5).

    With the database away it goes on: it cannot seal either. Raises CommandError with what the role may do.
    """
    hint = "Run deploy/postgres/roles.sh, and name the sealer's role (docs/operations.md)."
    if not settings.DATABASE_SEALER:
        raise CommandError(f"(reseller_console.E023) DATABASE_SEALER_URL is empty. {hint}")
    try:
        reasons = excess_rights_of_sealer()
    except OperationalError as error:
        logger.warning("the role of the database could not be judged: %s", error)
        return
    if reasons:
        said = "; ".join(reasons)
        raise CommandError(f"(reseller_console.E023) The role of DATABASE_SEALER_URL may do too much: {said}. {hint}")


class Command(BaseCommand):
    """The sealing process: the only one that is told AUDIT_SEAL_KEY and DATABASE_SEALER_URL. See accounts/seals/."""

    help = "Seals the audit log once a minute, and keeps the seals outside the database (A5)."

    def add_arguments(self, parser: CommandParser) -> None:
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--once", action="store_true", help="look once, and end")
        how.add_argument(
            "--check", action="store_true", help="seal nothing; exit with 1 where the sealer does not look"
        )
        parser.add_argument("--every", type=float, default=INTERVAL, metavar="SECONDS", help="between two looks")

    def handle(self, *, once: bool, check: bool, every: float, **options: Any) -> None:
        if check:
            if status().trouble is Trouble.NO_SEALER:
                raise CommandError("The sealer has not looked for five minutes.")
            return
        try:
            sealer = Sealer(signing_key(settings.AUDIT_SEAL_KEY))
        except KeyMissing as missing:
            hint = "Make one as docs/operations.md says, for this process alone."
            raise CommandError(f"(reseller_console.E020) {missing} {hint}") from None
        refuse_another_role()
        if once:
            done = sealer.look()
            while sealer.is_behind:
                done += sealer.look()
            self.stdout.write(f"{done} seals made.")
            return
        while True:
            try:
                if done := sealer.look():
                    logger.info("%s seals made", done)
            except DatabaseError:
                logger.exception("the audit log could not be sealed; the next look tries again")
            if not sealer.is_behind:
                connection.close()
                sleep(every)
