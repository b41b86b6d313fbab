from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from accounts.errors import Refused
from accounts.machines.gam_files import CACHE, gam_files
from accounts.management.operator import OperatorCommand, add_person, person


class Command(OperatorCommand):
    """Writes files; gives nobody anything that the key does not give already."""

    help = "Write a directory with which GAM 7 works at this server as a person, with the key of a service account."
    takes = (add_person,)

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("directory", help="Where GAM looks (GAMCFGDIR); made where there is none.")
        parser.add_argument("--key", required=True, help="The file of the key, as the page gave it.")

    def run(self, **options: Any) -> str:
        directory = Path(options["directory"])
        try:
            key = Path(options["key"]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(str(error), "key") from error
        files = gam_files(person(options["email"]), key, directory.absolute())
        (directory / CACHE).mkdir(parents=True, exist_ok=True)
        if there := sorted(name for name in files if (directory / name).exists()):
            raise Refused(f"There is {', '.join(there)} already. Name another directory.", "directory")
        for name, text in files.items():
            (directory / name).touch(mode=0o600)
            (directory / name).write_text(text, encoding="utf-8")
        return f"Wrote {directory}. Now: GAMCFGDIR={directory} python examples/gam/gam_here.py info domain"
