"""Run as a script: becomes another account and ties this process to its parent, then becomes the given program.

    launch.py PARENT_PID DEATH_SIGNAL UID GID program argument …

A script instead of `preexec_fn`, which is unsafe (and warned about) once the parent has threads.
UID and GID are -1 when the account stays the same. Standard library only: runs with `python -I -S`.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Change the account first: the kernel forgets the death signal when the account changes."""
    parent, death_signal, uid, gid = (int(argument) for argument in arguments[:4])
    if uid >= 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:  # it ended before we could ask to be told
            sys.exit(1)
    for number in (signal.SIGPIPE, signal.SIGINT):  # Python ignores or handles these; the program must not
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execv(arguments[4], arguments[4:])  # noqa: S606  becoming another program is the point
    except OSError as error:
        sys.exit(f"{arguments[4]}: {error.strerror}")


main(sys.argv[1:])
