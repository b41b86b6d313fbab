"""`make manage`: any command of manage.py on the servers of the demo that runs in this checkout."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from reseller_console.local import demo, instance, places


def main(arguments: Sequence[str]) -> int:
    """Run the command with the demo's environment; returns its exit status."""
    note = instance.running()
    if note is None:
        print(
            "The demo does not run here, or is still starting. Start it in another terminal: make run", file=sys.stderr
        )
        return 1
    # What this shell would change is left to the run: the servers and the address are those of the demo.
    environment = demo.environment(note["urls"]) | {"CONSOLE_URL": note["address"]}
    command = [sys.executable, str(places.CHECKOUT / "manage.py"), *(arguments or ["help"])]
    return subprocess.run(command, env=environment, check=False).returncode
