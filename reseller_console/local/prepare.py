"""The management commands before the demo starts, in one process: each start of Django takes a second."""

from __future__ import annotations

import django
from django.core.management import call_command

from reseller_console import garbage

STEPS = (
    ("Bringing the database up to date", "migrate"),
    ("Compiling translations", "compile_translations"),
    ("Writing the documents of the APIs", "compile_documents"),
    ("Loading the example organisations, unless they are there", "load_demo"),
)


def main() -> None:
    django.setup()
    garbage.look_less_often()
    for sentence, command in STEPS:
        print(f"{sentence} …", flush=True)
        call_command(command, verbosity=0)


if __name__ == "__main__":
    main()
