from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.database.roles import as_owner
from accounts.database.time_limits import long_work
from accounts.errors import Refused
from demo import world


class Command(BaseCommand):
    """Makes the example organisations, people and some weeks of history; repeating it changes nothing."""

    help = "Load the example organisations, unless they are there. Only where DEMO is on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The example accounts have a password that everybody knows: DEMO must be on.")
        try:
            with as_owner(), long_work():  # its clock stands in a schema of its own, for a moment
                loaded = world.load()
        except Refused as refusal:
            raise CommandError(f"This database has other data in the way of the example: {refusal}") from refusal
        if options["verbosity"]:
            self.stdout.write("The example organisations are loaded." if loaded else "They are there already.")
