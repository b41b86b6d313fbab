"""Children end with us, however we end, and so does what they started."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from reseller_console.local import places, processes

# A child that starts a grand-child and tells both process ids.
FAMILY = """
import os, subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(os.getpid(), grandchild.pid, flush=True)
time.sleep(60)
"""
# A parent that starts the family through `processes` and waits.
PARENT = f"""
import sys, time
from reseller_console.local import places, processes
print(places.temporary(None), flush=True)
processes.start([sys.executable, "-c", {FAMILY!r}])
time.sleep(60)
"""


def alive(pids: list[int], *, seconds: float) -> list[int]:
    """Those that are still running after at most that time."""
    deadline = time.monotonic() + seconds
    left = pids
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [pid for pid in left if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]
    return left


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_child_grandchild_or_directory_outlives_its_parent(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, cwd=places.CHECKOUT) as parent:
        assert parent.stdout is not None
        directory = Path(parent.stdout.readline().decode().strip())
        family = [int(pid) for pid in parent.stdout.readline().split()]
        assert directory.is_dir()
        assert len(family) == 2

        parent.send_signal(number)

        # The child dies at once (the kernel, the watchdog); what it leaves behind, after the watchdog's grace.
        assert alive(family, seconds=5) == []
        deadline = time.monotonic() + 3
        while directory.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not directory.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent ended")
def test_a_child_ends_with_its_parent_also_when_the_watchdog_was_killed_first() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, cwd=places.CHECKOUT) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        child, grandchild = (int(pid) for pid in parent.stdout.readline().split())
        for process in psutil.Process(parent.pid).children():
            if any("watchdog.py" in part for part in process.cmdline()):
                process.kill()

        parent.kill()

        assert alive([child], seconds=3) == []
        psutil.Process(grandchild).kill()


def test_stop_ends_what_the_child_left_behind() -> None:
    child = processes.start([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE)
    with child.popen:
        assert child.popen.stdout is not None
        family = [int(pid) for pid in child.popen.stdout.readline().split()]

        assert processes.stop(child) == -signal.SIGTERM

    assert alive(family, seconds=2) == []
    assert child not in processes.still_running()


def test_a_program_that_is_not_there_ends_with_its_name_in_the_error() -> None:
    child = processes.start(["/no/such/program"], stderr=subprocess.PIPE)
    with child.popen:
        assert child.popen.stderr is not None
        assert child.popen.stderr.read() == b"/no/such/program: No such file or directory\n"
        assert processes.kill(child) != 0


def test_a_directory_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    with pytest.raises(PermissionError, match="belongs to another account"):
        places.private(tmp_path / "link")
