"""Run as a script: ends the watched process groups when the process that started us is gone.

Reads lines `watch PGID SIGNAL` and `forget PGID` from standard input, a pipe that only our parent holds open:
end of file means the parent ended, however it ended. This works on every system and reaches grand-children;
the kernel's own death signal (launch.py) is Linux only and reaches children only. Standard library only.
"""

from __future__ import annotations

import os
import signal
import sys
import time

# Seconds the groups have to end by their stop signal before they are killed.
GRACE = 10.0


def send(group: int, number: int) -> bool:
    """Signal a process group; False when nobody is left in it."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:  # macOS says so about a group of zombies
        return False
    return True


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    watched: dict[int, int] = {}
    for line in sys.stdin:
        word, group, *rest = line.split()
        if word == "watch":
            watched[int(group)] = int(rest[0])
        else:
            watched.pop(int(group), None)
    left = [group for group, number in watched.items() if send(group, number)]
    deadline = time.monotonic() + GRACE
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = [group for group in left if send(group, 0)]
    for group in left:
        send(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
