"""`make check`: every check, also after one has failed, and a summary at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from reseller_console.local import places

BIN = places.CHECKOUT / ".venv" / "bin"
# What `check --deploy` judges: a production environment with nothing unsafe in it.
PRODUCTION = {
    "DEMO": "0",
    "DEBUG": "0",
    "SECRET_KEY": "checked-as-in-production-with-a-key-nobody-uses-0123456789-abcdefghijklm",
    "ALLOWED_HOSTS": "console.example.com",
    "CONSOLE_URL": "https://console.example.com",
    "DATABASE_URL": "postgresql://console:a-password@database.example.com/console",
    "REDIS_URL": "rediss://:a-password@broker.example.com:6379/0",
    "EMAIL_URL": "smtp+tls://mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "Reseller Console <console@example.com>",
    "TRUSTED_PROXY_COUNT": "1",
    "VENDOR_DOMAINS": "vendor.example.com",
}


def templates() -> list[str]:
    """Every template of ours, relative to the checkout."""
    return sorted(str(path.relative_to(places.CHECKOUT)) for path in places.CHECKOUT.glob("templates/**/*.html"))


def checks() -> dict[str, list[str]]:
    """The commands by the name that the summary shows."""
    manage = [sys.executable, "manage.py"]
    return {
        "ruff format": [str(BIN / "ruff"), "format", "--check", "--quiet", "."],
        "ruff check": [str(BIN / "ruff"), "check", "--quiet", "."],
        "mypy": [sys.executable, "-m", "mypy", "."],
        "import contracts": [sys.executable, str(BIN / "lint-imports")],
        "djade": [str(BIN / "djade"), "--check", "--target-version", "5.2", *templates()],
        # That its database is not there is no news: these settings name one that nobody has.
        "migrations": [
            sys.executable,
            "-W",
            "ignore:Got an error checking a consistent",
            "manage.py",
            "makemigrations",
            "--check",
            "--dry-run",
        ],
        "production settings": [*manage, "check", "--deploy", "--fail-level", "WARNING"],
        "translations": [*manage, "check_translations"],
    }


def main() -> int:
    """Run them all; returns 1 when any failed."""
    results = {}
    environment = {**os.environ, **PRODUCTION}
    for name, command in checks().items():
        print(f"== {name}", flush=True)
        started = time.monotonic()
        status = subprocess.run(command, cwd=places.CHECKOUT, env=environment, check=False).returncode
        results[name] = (status, time.monotonic() - started)
    print("\n== summary")
    for name, (status, seconds) in results.items():
        print(f"{'ok    ' if status == 0 else 'FAILED'}  {name}  ({seconds:.1f} s)")
    return int(any(status for status, _ in results.values()))
