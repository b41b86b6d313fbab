"""The commands behind the Makefile: `python -m reseller_console.local run|reset|check|upgrade|manage …`."""

from __future__ import annotations

import sys

from reseller_console.local import check, manage, supervisor, upgrade

COMMANDS = {"run": supervisor.main, "reset": supervisor.reset, "check": check.main, "upgrade": upgrade.main}

if __name__ == "__main__":
    if sys.argv[1:2] == ["manage"]:
        sys.exit(manage.main(sys.argv[2:]))
    if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
        sys.exit(f"usage: python -m reseller_console.local {'|'.join(COMMANDS)}|manage …")
    sys.exit(COMMANDS[sys.argv[1]]())
