from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.commands import migrate

from accounts.database.partitions import prepare_partitions
from accounts.database.roles import SEALER, as_owner, grant_to, sealer_is_there
from accounts.database.time_limits import limit_role, long_work


class Command(migrate.Command):
    """Django's own, as the owner of the tables and with the time that migrations need.

    At its end the audit log has places for twelve months, the table of rate limits is there, the application may use
    every table, the sealer those of seals, and time limits stand on all three roles. Here, because nothing runs without
    it: `make run`, tests, Compose and every upgrade call it.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner() as application:
            with long_work():
                super().handle(*args, **options)
            if not (options["plan"] or options["check_unapplied"]):
                self.finish(application)

    def finish(self, application: str | None) -> None:
        prepare_partitions()
        call_command("createcachetable", verbosity=0)
        limit_role()
        if application:
            grant_to(application)
            limit_role(role=application)
            if sealer_is_there():
                limit_role(role=SEALER)
