"""Run as a script: ends the watched process groups when the process that started us is gone.

Reads lines `watch PGID SIGNAL`, `forget PGID` and `remove DIRECTORY` from standard input, a pipe that only our
parent holds open: end of file means the parent ended, however it ended. This works on every system and reaches
grand-children; the kernel's own death signal (launch.py) is Linux only and reaches children only. Directories go
after the last process. Standard library only.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time

# Seconds a group has to end by its stop signal before it is killed …
GRACE = 10.0
# … and seconds it has once its first process, which could have ended the others, is gone.
ORPHAN_GRACE = 1.0


def send(target: int, number: int, *, to_group: bool) -> bool:
    """Signal the first process of a group, or all of it; False when there is none."""
    try:
        os.killpg(target, number) if to_group else os.kill(target, number)
    except (ProcessLookupError, PermissionError):  # macOS gives the second one for a group of zombies
        return False
    return True


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watched: dict[int, int] = {}
    directories = []
    for line in sys.stdin:
        match line.split():
            case ["watch", group, number]:
                watched[int(group)] = int(number)
            case ["forget", group]:
                watched.pop(int(group), None)
            case ["remove", directory]:
                directories.append(directory)
    end(watched)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


def end(watched: dict[int, int]) -> None:
    """Ask the first process of each group to stop, as it knows best how to end the others; then kill what is left."""
    for group, number in watched.items():
        send(group, number, to_group=False)
    deadlines = dict.fromkeys(watched, time.monotonic() + GRACE)
    while deadlines:
        time.sleep(0.05)
        now = time.monotonic()
        for group, deadline in list(deadlines.items()):
            if not send(group, 0, to_group=True):
                del deadlines[group]
            elif now > deadline:
                send(group, signal.SIGKILL, to_group=True)
                del deadlines[group]
            elif not send(group, 0, to_group=False):
                deadlines[group] = min(deadline, now + ORPHAN_GRACE)


if __name__ == "__main__":
    main()
