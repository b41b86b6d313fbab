"""Child processes that never outlive us: started in a group of their own, ended as a group."""

from __future__ import annotations

import atexit
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, NamedTuple

HERE = Path(__file__).resolve().parent
# Seconds a group has to end by its stop signal before it is killed.
STOP_GRACE = 10.0


class Account(NamedTuple):
    """The operating system account a child runs as."""

    name: str
    uid: int
    gid: int


class Child(NamedTuple):
    """A running child, and the signal that makes it end cleanly."""

    popen: subprocess.Popen[bytes]
    stop_signal: signal.Signals


class _Watchdog:
    """The process that ends our children when we cannot: one for each process that starts any."""

    def __init__(self) -> None:
        self.popen: subprocess.Popen[bytes] | None = None
        self.children: dict[int, Child] = {}
        self.keep_open: list[int] = []
        self.directories: list[Path] = []

    def watch(self, child: Child) -> None:
        self.children[child.popen.pid] = child
        self._tell(f"watch {child.popen.pid} {int(child.stop_signal)}")

    def forget(self, child: Child) -> None:
        if self.children.pop(child.popen.pid, None):
            self._tell(f"forget {child.popen.pid}")

    def remove(self, directory: Path) -> None:
        self.directories.append(directory)
        self._tell(f"remove {directory}")

    def _tell(self, line: str) -> None:
        if self.popen is None or self.popen.poll() is not None:
            self._start()
            lines = [f"watch {pid} {int(child.stop_signal)}" for pid, child in self.children.items()]
            line = "\n".join([*lines, *(f"remove {directory}" for directory in self.directories)])
        assert self.popen is not None and self.popen.stdin is not None
        self.popen.stdin.write(f"{line}\n".encode() if line else b"")
        self.popen.stdin.flush()

    def _start(self) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-I", "-S", str(HERE / "watchdog.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self.keep_open,
        )
        atexit.register(self._close, self.popen)

    def _close(self, popen: subprocess.Popen[bytes]) -> None:
        if popen.stdin is not None:
            popen.stdin.close()
        popen.wait()


_watchdog = _Watchdog()


def hold_until_all_ended(descriptor: int) -> None:
    """Keep this file descriptor (a lock) open until the last child ended, also when we are killed.

    Comes before the first `start`.
    """
    _watchdog.keep_open.append(descriptor)


def remove_at_the_end(directory: Path) -> None:
    """Remove a directory, whose path has no blanks, after the last child ended, also when we are killed."""
    _watchdog.remove(directory)


def still_running() -> list[Child]:
    """The children that nobody has stopped yet, oldest first."""
    return list(_watchdog.children.values())


def start(
    argv: Sequence[str | Path],
    *,
    stop_signal: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: int | IO[bytes] = subprocess.DEVNULL,
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
) -> Child:
    """Start a program that ends when this thread or this process ends.

    Args:
        argv: the program, by its absolute path, and its arguments.
        stop_signal: what makes it end cleanly, together with what it started.
        account: run as this account; needs root.
    """
    launcher = [sys.executable, "-I", "-S", HERE / "launch.py", os.getpid(), int(stop_signal)]
    launcher += [account.uid, account.gid] if account else [-1, -1]
    popen = subprocess.Popen(
        [str(part) for part in (*launcher, *argv)],
        cwd=cwd,
        env=env,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        start_new_session=True,
    )
    child = Child(popen, stop_signal)
    _watchdog.watch(child)
    return child


def ask_to_stop(child: Child) -> None:
    """Send the stop signal to the child itself, which knows best how to end what it started."""
    if child.popen.poll() is None:
        child.popen.send_signal(child.stop_signal)


def stop(child: Child, *, grace: float = STOP_GRACE) -> int:
    """End a child and everything it started; returns its exit status.

    Args:
        grace: seconds it has before it is killed.
    """
    ask_to_stop(child)
    with suppress(subprocess.TimeoutExpired):
        child.popen.wait(grace)
    return kill(child)


def kill(child: Child) -> int:
    """Kill what is left of a child and everything it started, at once; returns its exit status."""
    with suppress(ProcessLookupError, PermissionError):  # macOS gives the second one for a group of zombies
        os.killpg(child.popen.pid, signal.SIGKILL)
    status = child.popen.wait()
    _watchdog.forget(child)
    return status


def server_account() -> Account | None:
    """The account for servers that refuse to run as root; None where we are not root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise LookupError("PostgreSQL does not run as root, and there is no account 'postgres' or 'nobody' to run it as.")
