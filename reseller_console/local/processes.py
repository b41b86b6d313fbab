"""Child processes that never outlive us: started in a group of their own, ended as a group."""

from __future__ import annotations

import atexit
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
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

    popen: subprocess.Popen[bytes] | None = None

    def tell(self, line: str, *, keep_open: Sequence[int] = ()) -> None:
        if self.popen is None:
            self.popen = subprocess.Popen(
                [sys.executable, "-I", "-S", str(HERE / "watchdog.py")],
                stdin=subprocess.PIPE,
                start_new_session=True,
                pass_fds=keep_open,
            )
            atexit.register(self.close)
        assert self.popen.stdin is not None
        self.popen.stdin.write(line.encode())
        self.popen.stdin.flush()

    def close(self) -> None:
        if self.popen is not None:
            assert self.popen.stdin is not None
            self.popen.stdin.close()
            self.popen.wait()
            self.popen = None


_watchdog = _Watchdog()


def hold_until_all_ended(descriptor: int) -> None:
    """Keep this file descriptor (a lock) open until the last child ended, also when we are killed.

    Must come before the first `start`.
    """
    _watchdog.tell("forget 0\n", keep_open=[descriptor])


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
        stop_signal: what makes it end cleanly; sent to the whole group.
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
    _watchdog.tell(f"watch {popen.pid} {int(stop_signal)}\n")
    return Child(popen, stop_signal)


def stop(child: Child, *, grace: float = STOP_GRACE) -> int:
    """End a child and everything it started; returns its exit status.

    Args:
        grace: seconds it has before it is killed.
    """
    if child.popen.poll() is None:
        signal_group(child, child.stop_signal)
    try:
        child.popen.wait(grace)
    except subprocess.TimeoutExpired:
        pass
    return kill(child)


def kill(child: Child) -> int:
    """Kill what is left of a child and everything it started, at once; returns its exit status."""
    signal_group(child, signal.SIGKILL)
    status = child.popen.wait()
    _watchdog.tell(f"forget {child.popen.pid}\n")
    return status


def signal_group(child: Child, number: signal.Signals) -> None:
    """Signal a child and all that it started; nothing happens when they are gone."""
    try:
        os.killpg(child.popen.pid, number)
    except (ProcessLookupError, PermissionError):  # macOS gives the second one for a group of zombies
        pass


def wait_until_gone(pid: int, *, seconds: float) -> bool:
    """Wait for a process that is not our child to end; False when it is still there after that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


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
