"""A cluster with a migrated database, kept in `.local`: on an empty one the migrations take half a minute.

Nearly all of that time Django works out what the models looked like before each step. A server of the tests begins with
a copy instead (`Postgres(like=…)`), and `migrate` runs on the copy too: it finds nothing to do.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
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
# A module of ours that a migration takes something from.
IMPORT = re.compile(r"^from ((?:accounts|subscriptions|support)\.[\w.]+) import", re.MULTILINE)


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
    """Return 16 hexadecimal digits that are others where migrations may do something else.

    What follows them (content types, permissions, the places of the log) is not in it: `migrate` does that on a copy.
    """
    found = hashlib.sha256(f"{time.strftime('%Y-%m', time.gmtime())} {sys.version}".encode())
    for path in sorted(_files()):
        found.update(f"{path.relative_to(places.CHECKOUT)}\0".encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _files() -> set[Path]:
    """The migrations, what they take from the code, and what is installed."""
    migrations = set(places.CHECKOUT.glob("*/migrations/*.py"))
    modules = {name for path in migrations for name in IMPORT.findall(path.read_text())}
    paths = {places.CHECKOUT / f"{name.replace('.', '/')}.py" for name in modules}
    return migrations | {path for path in paths if path.exists()} | {places.CHECKOUT / "requirements.txt"}
