"""The commands behind the Makefile: `python -m reseller_console.local run|reset|check|upgrade`."""

from __future__ import annotations

import sys

from reseller_console.local import check, supervisor, upgrade

COMMANDS = {"run": supervisor.main, "reset": supervisor.reset, "check": check.main, "upgrade": upgrade.main}

if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"usage: python -m reseller_console.local {'|'.join(COMMANDS)}")
    sys.exit(COMMANDS[sys.argv[1]]())
