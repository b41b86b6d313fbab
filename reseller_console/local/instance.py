"""One `make run` for each checkout: a lock that ends with its owner, and a note of where it answers."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import IO, Any

from reseller_console.local import places

# Seconds an earlier run, killed a moment ago, may take until the last of its servers has ended.
ENDING_LIMIT = 30.0


class AlreadyRunningError(Exception):
    """Another `make run` works in this checkout; the message says where it answers."""


def _note(lock: IO[str]) -> dict[str, Any]:
    lock.seek(0)
    try:
        content = json.loads(lock.read())
    except ValueError:  # it has just started and written nothing yet
        return {}
    return content if isinstance(content, dict) else {}


def _alive(pid: object) -> bool:
    try:
        os.kill(int(str(pid)), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


def take(say: Callable[[str], None]) -> IO[str]:
    """Take the checkout's lock, waiting while an earlier run that was killed is still ending.

    Raises:
        AlreadyRunningError: another process holds it.
    """
    path = places.private(places.STATE, mode=places.STATE.stat().st_mode & 0o777 if places.STATE.exists() else 0o700)
    lock = (path / "run.lock").open("a+")
    os.fchmod(lock.fileno(), 0o600)  # the note may hold the password of a database that the shell named
    deadline = time.monotonic() + ENDING_LIMIT
    told = False
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note = _note(lock)
            if not note or _alive(note.get("pid")) or time.monotonic() > deadline:
                lock.close()
                where = note.get("address") or "it is still starting"
                message = f"It already runs in this checkout (process {note.get('pid', 'unknown')}): {where}"
                raise AlreadyRunningError(message) from None
            if not told:
                say("An earlier run was killed, and its servers are ending; waiting for them …")
                told = True
            time.sleep(0.2)
        else:
            write(lock, None)
            return lock


def write(lock: IO[str], address: str | None, urls: Mapping[str, str] | None = None) -> None:
    """Note who runs here, where it answers, and on which servers it works."""
    lock.seek(0)
    lock.truncate()
    json.dump({"pid": os.getpid(), "address": address, "urls": urls or {}}, lock)
    lock.flush()


def running() -> dict[str, Any] | None:
    """Return the note of the run that works in this checkout; None where none does, or it is still starting."""
    path = places.STATE / "run.lock"
    if not path.exists():
        return None
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            note = _note(lock)
            return note if note.get("address") else None
    return None


def free(port: int) -> bool:
    """Whether nobody on this machine listens on the port, on any address that a browser would ask."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    with socket.socket() as probe:  # macOS lets us bind beside a server that listens on all addresses
        return probe.connect_ex(("127.0.0.1", port)) != 0


def port_from(wanted: int) -> int:
    """The wanted port, or the next free one."""
    for port in range(wanted, min(wanted + 100, 65536)):
        if free(port):
            return port
    raise OSError(f"No port from {wanted} to {wanted + 99} is free; choose another with PORT=…")
