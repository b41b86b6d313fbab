"""Closing the door of a web server without cutting anybody off: what the kernel does with connections that begin."""

from __future__ import annotations

import ctypes
import os
import struct
from contextlib import suppress
from pathlib import Path
from socket import AF_INET, AF_INET6, SOL_SOCKET, socket
from typing import Any, Final

# Linux, <asm/socket.h>.
_SO_ATTACH_FILTER: Final = 26
# A filter of the kernel (classic BPF, <linux/filter.h>): what begins a connection, SYN without ACK, is dropped, and all
# else let through. One instruction a line: code, jump if true, jump if false, operand.
_NOBODY_NEW: Final = (
    (0x30, 0, 0, 13),  # load the byte of the flags
    (0x54, 0, 0, 0x12),  # of which SYN and ACK
    (0x15, 0, 1, 0x02),  # SYN alone?
    (0x06, 0, 0, 0),  # drop it
    (0x06, 0, 0, 0xFFFFFFFF),  # take it whole
)


def is_open_elsewhere(listener: Any, process: int) -> bool:
    """Tell whether a process has the same socket: gunicorn's first one has, until the whole server ends.

    Another worker that goes on, or a new one after a reload, takes in who connects. True where it cannot be told.
    """
    ours = f"socket:[{os.fstat(listener.fileno()).st_ino}]"
    try:
        for each in Path(f"/proc/{process}/fd").iterdir():
            with suppress(FileNotFoundError):  # closed meanwhile
                if str(each.readlink()) == ours:
                    return True
    except OSError:
        return True
    return False


def let_nobody_new_in(listener: Any) -> None:
    """Make the kernel leave unanswered who connects from now on, until the listener is closed; then it refuses them.

    Without it, a client that connected between the last accept and the close was let in and cut off. A client that is
    left unanswered tries again after a second by itself, is refused, and a front goes to the next server.

    listener: gunicorn's socket, on Linux; only TCP needs it.
    """
    plain: socket = listener.sock
    if plain.family not in {AF_INET, AF_INET6}:
        return
    lines = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *line) for line in _NOBODY_NEW))
    plain.setsockopt(SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(_NOBODY_NEW), ctypes.addressof(lines)))
