"""A cluster with a migrated database, kept in `.local`: on an empty one the migrations take half a minute.

Nearly all of that time Django works out what the models looked like before each step. A server of the tests begins with
a copy instead (`Postgres(like=…)`), and `migrate` runs on the copy too: it finds nothing to do.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from reseller_console.local import places, processes
from reseller_console.local.postgres import Postgres

# What every process of a test run has.
ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "reseller_console.settings",
    "DEMO": "1",
    "DEBUG": "0",
    "SECRET_KEY": "only-for-tests-" + 40 * "x",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "LOG_LEVEL": "WARNING",
    "EMAIL_URL": "memorymail://",
    # The tests make their own roles.
    "DATABASE_OWNER_URL": "",
}
PREFIX = "migrated-"
# What the migrations are, and all that they import.
CODE = ("accounts", "subscriptions", "support", "reseller_console", "requirements.txt")


def cluster() -> Path:
    """Return the folder of its data, which is made once for the code that is there, and each month for the audit log's.

    Of earlier code nothing stays.
    """
    account = processes.server_account()
    kept = places.for_server(f"{PREFIX}{digest()}", account)
    if not kept.exists():
        for old in kept.parent.glob(f"{PREFIX}*"):
            shutil.rmtree(old, ignore_errors=True)
        server = Postgres(places.temporary(account), for_tests=True)
        try:
            server.start()
            server.create_database()
            migrate(server.url())
            server.stop()
            _move(server.data, kept)
        finally:
            server.remove()
    return kept


def migrate(url: str) -> None:
    """Bring a database to this code's schema."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    environment = {**os.environ, **ENVIRONMENT, "DATABASE_URL": url}
    subprocess.run(command, cwd=places.CHECKOUT, env=environment, check=True)


def _move(data: Path, kept: Path) -> None:
    """Put it in its place whole; another test run may have been quicker."""
    unfinished = kept.with_name(f"{kept.name}-{os.getpid()}")
    subprocess.run([shutil.which("cp") or "cp", "-a", data, unfinished], check=True)
    try:
        unfinished.rename(kept)
    except OSError:
        shutil.rmtree(unfinished)


def digest() -> str:
    """Return what tells one state of the code from another: 16 hexadecimal digits."""
    found = hashlib.sha256(f"{time.strftime('%Y-%m', time.gmtime())} {sys.version}".encode())
    for path in sorted(_files()):
        found.update(f"{path.relative_to(places.CHECKOUT)}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _files() -> Iterator[Path]:
    for name in CODE:
        path = places.CHECKOUT / name
        yield from path.rglob("*.py") if path.is_dir() else [path]
