"""`make test-upgrade`: the release before, its pages, verbs and tasks, on the schema that this code's migrations make.

During an upgrade the old web and workers go on while `migrate` of the new release has run. So the tests of the old
release run here with the old code, on databases that the new code has migrated.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from reseller_console.local import migrated, places, processes
from reseller_console.local.postgres import DATABASE, Postgres
from reseller_console.local.valkey import Valkey

CHANGELOG = places.CHECKOUT / "CHANGELOG.md"
# What a release is called in the changelog, and where its code is.
HEADING = re.compile(r"^## (?P<number>\d+\.\d+\.\d+)\b.*\n+Commit `(?P<commit>[0-9a-f]{40})`", re.MULTILINE)
# In the section of the next release: its schema does not work with the code before it, and here is why.
STOP_WEB_FIRST = re.compile(r"^\*\*Stop web first\*\*.*(?:\n(?!\n).*)*", re.MULTILINE)
# The old release's tests of every page, form, verb and task; not those of its own servers, files and schema.
TESTS = (
    "tests/contract/test_permission_matrix.py",
    "tests/access",
    "tests/accounts",
    "tests/subscriptions",
    "tests/support",
)
# Tests that were wrong in the release itself, each with why.
WRONG = {
    "0.1.0": {
        "tests/subscriptions/test_transfers.py::test_P8_only_an_admin_of_the_reseller_who_is_one_now_may_use_it": (
            "suspends the last reseller admin, which that release refuses (P11)"
        ),
        "tests/subscriptions/test_licence_use.py::test_a_month_ends_in_the_time_zone_of_the_reader": (
            "takes the month of Paris for that of UTC, which it is not in the last hours of a month"
        ),
        "tests/support/test_console_home.py::test_months_begin_at_midnight_of_the_readers_time_zone": (
            "takes the month of Paris for that of UTC, which it is not in the last hours of a month"
        ),
    }
}
WORKERS = 2
# A test empties the database after itself with the triggers off that refuse it, on the tables that its release knows.
# Partitions, which it may not know, are emptied with their table and have that trigger each for itself.
LET_PARTITIONS_BE_EMPTIED = """
DO $$
DECLARE
    refusal record;
BEGIN
    FOR refusal IN
        SELECT tgname, tgrelid::regclass AS part FROM pg_trigger JOIN pg_inherits ON inhrelid = tgrelid
        WHERE NOT tgisinternal AND (tgtype & 32) > 0
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', refusal.tgname, refusal.part);
    END LOOP;
END $$
"""


@dataclass(frozen=True)
class Release:
    """A release that the changelog names.

    Attributes:
        number: as in `RELEASE` and in the name of its image.
        commit: 40 hexadecimal digits.
    """

    number: str
    commit: str


def releases(changelog: str) -> list[Release]:
    """Return the releases that a changelog names, the newest first."""
    return [Release(**found.groupdict()) for found in HEADING.finditer(changelog)]


def stops_web_first(changelog: str) -> str:
    """Return the sentence that tells why web has to stop before `migrate`; empty where it need not."""
    found = STOP_WEB_FIRST.search(HEADING.split(changelog)[0])
    return found[0] if found else ""


def main() -> int:
    """Run them; returns the exit status of the old release's tests."""
    changelog = CHANGELOG.read_text()
    if reason := stops_web_first(changelog):
        print(f"Not run, as the changelog says: {reason}")
        return 0
    release = releases(changelog)[0]
    print(f"== {release.number} on the schema of this code", flush=True)
    old = checkout(release)
    with ExitStack() as stack:
        postgres = Postgres(places.temporary(processes.server_account()), for_tests=True, like=migrated.cluster())
        valkey = Valkey(places.temporary(None))
        for server in (postgres, valkey):
            stack.callback(server.remove)
            server.start()
        names = [f"test_{DATABASE}_gw{number}" for number in range(WORKERS)]
        make_databases(postgres, names)
        ours = migrations(postgres, names[0])
        environment = {**os.environ, "DATABASE_URL": postgres.url(), "REDIS_URL": valkey.url}
        command = [str(old / ".venv/bin/python"), "-m", "pytest", "-q", "-n", str(WORKERS), "--reuse-db", *TESTS]
        command += [part for test in WRONG.get(release.number, ()) for part in ("--deselect", test)]
        status = subprocess.run(command, cwd=old, env=environment, check=False).returncode
        if any(migrations(postgres, name) != ours for name in names):
            sys.exit("The tests of the old release did not run on the schema of this code.")
    return status


def checkout(release: Release) -> Path:
    """Return a folder with the release's code and its own environment; both stay for the next time."""
    folder = places.STATE / "releases" / release.commit
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        git("clone", "--quiet", "--shared", "--no-checkout", str(places.CHECKOUT), str(folder))
    try:
        git("-C", str(folder), "checkout", "--quiet", "--detach", release.commit)
    except subprocess.CalledProcessError:
        sys.exit(
            f"The commit of release {release.number} is not here: fetch the whole history (git fetch --unshallow)."
        )
    subprocess.run([sys.executable, folder / "reseller_console/local/bootstrap.py"], check=True)
    return folder


def git(*arguments: str) -> None:
    subprocess.run([shutil.which("git") or "git", *arguments], check=True)


def make_databases(postgres: Postgres, names: list[str]) -> None:
    """Create databases, each as this code's migrations leave it."""
    first, *others = names
    postgres.create_database(first, like=migrated.DATABASE)
    with closing(psycopg2.connect(postgres.url(first))) as connection, connection, connection.cursor() as cursor:
        cursor.execute(LET_PARTITIONS_BE_EMPTIED)
    for name in others:
        postgres.create_database(name, like=first)


def migrations(postgres: Postgres, database: str) -> set[tuple[str, str]]:
    """Return the migrations that a database has had."""
    with closing(psycopg2.connect(postgres.url(database))) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations")
        return set(cursor.fetchall())
