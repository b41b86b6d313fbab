from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from accounts.time_limits import limit_role, long_work


class Command(migrate.Command):
    """Django's own, with the time that migrations need; at its end the time limits stand on the role.

    Here, because nothing runs without it: `make run`, tests, compose and every upgrade call it, as our own role.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        with long_work():
            super().handle(*args, **options)
        if not (options["plan"] or options["check_unapplied"]):
            limit_role()
