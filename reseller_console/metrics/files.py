"""Where the processes of one web server count together: files in a directory of its own, written without a lock.

The master makes the directory before it starts a worker, and puts away the files of each worker that has ended: what
was under way in it is over, and what it has counted goes on counting in one file for all that are gone. So a worker
that ends again and again fills no disk.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

# Read by prometheus_client as it is imported: here it is only imported when this has been set.
VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
# In place of the number of a process, in the names of files.
GONE: Final = "gone"
# Beginnings of the names of files whose values only grow; those of gauges end with their process.
_GROWING: Final = ("counter", "histogram")

# Processes that have ended and whose files were just being read.
_left: set[int] = set()


def directory() -> Path | None:
    """Return where this process counts together with others; None where it is alone."""
    found = os.environ.get(VARIABLE)
    return Path(found) if found else None


def begin(parent: str | None) -> None:
    """Make the directory, as the master. parent: where; None: where temporary files go."""
    os.environ[VARIABLE] = tempfile.mkdtemp(prefix="metrics-", dir=parent)


def end() -> None:
    """Remove the directory, as the master."""
    if (place := directory()) is not None:
        shutil.rmtree(place, ignore_errors=True)


def put_away(pid: int) -> None:
    """Take a process that has ended out of what is under way, and keep what it has counted, as the master.

    It never waits: where a scrape reads at this moment, that is done when the next process ends.
    """
    from prometheus_client import multiprocess  # noqa: PLC0415  reads the variable as it is imported

    place = directory()
    assert place is not None
    multiprocess.mark_process_dead(pid, str(place))  # type: ignore[no-untyped-call]
    _left.add(pid)
    with _held(place, fcntl.LOCK_EX | fcntl.LOCK_NB) as is_held:
        if is_held:
            for kind in _GROWING:
                _add_up(place, kind)
            _left.clear()


def _add_up(place: Path, kind: str) -> None:
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415  as above

    total = MmapedDict(str(place / f"{kind}_{GONE}.db"))  # type: ignore[no-untyped-call]
    for file in [place / f"{kind}_{pid}.db" for pid in _left]:
        if file.exists():
            for key, value, *_unused in MmapedDict.read_all_values_from_file(str(file)):  # type: ignore[no-untyped-call]
                total.write_value(key, total.read_value(key)[0] + value, 0.0)  # type: ignore[no-untyped-call]
            file.unlink()
    total.close()  # type: ignore[no-untyped-call]


@contextmanager
def being_read(place: Path) -> Iterator[None]:
    """A block in which no file is put away: nothing is counted twice, and none is missing."""
    with _held(place, fcntl.LOCK_SH):
        yield


@contextmanager
def _held(place: Path, how: int) -> Iterator[bool]:
    with (place / "lock").open("ab") as lock:
        try:
            fcntl.flock(lock, how)
        except BlockingIOError:
            yield False
        else:
            yield True
