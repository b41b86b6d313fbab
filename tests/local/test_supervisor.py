"""`make run` with all its processes: where it answers, what a second one says, and that nothing survives it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from reseller_console.local import instance, places

# Seconds; everything together starts in about ten on an idle machine.
START_LIMIT = 120.0


class Run:
    """One supervisor with a state of its own."""

    def __init__(self, state: Path, port: int) -> None:
        self.output = state.with_suffix(".out")
        environment = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
        self.environment = {**environment, "LOCAL_STATE": str(state), "PORT": str(port)}
        self.popen = self.command("run")

    def command(self, name: str) -> subprocess.Popen[bytes]:
        with self.output.open("ab") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "reseller_console.local", name],
                cwd=places.CHECKOUT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """What `make manage` does."""
        command = [sys.executable, "-m", "reseller_console.local", "manage", *arguments]
        return subprocess.run(
            command, cwd=places.CHECKOUT, env=self.environment, capture_output=True, text=True, check=False
        )

    def printed(self) -> str:
        return self.output.read_text()

    def wait_for(self, sentence: str) -> None:
        deadline = time.monotonic() + START_LIMIT
        while sentence not in self.printed():
            assert self.popen.poll() is None, self.printed()
            assert time.monotonic() < deadline, self.printed()
            time.sleep(0.1)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.popen.pid).children(recursive=True)

    def end(self) -> int:
        self.popen.send_signal(signal.SIGINT)
        return self.popen.wait(30)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port: int = listener.getsockname()[1]
        yield port


@pytest.fixture
def run(tmp_path: Path, taken_port: int) -> Iterator[Run]:
    run = Run(tmp_path / "state", taken_port)
    yield run
    if run.popen.poll() is None:
        run.popen.kill()
        run.popen.wait()
    run.command("reset").wait(60)


def names(family: list[psutil.Process]) -> set[str]:
    found = set()
    for process in family:
        line = " ".join(process.cmdline())
        found |= {name for name in ("gunicorn", "celery", "beat", "postgres", "valkey-server") if name in line}
    return found


def test_the_demo_from_its_first_start_to_a_kill_and_a_second_start(run: Run, taken_port: int) -> None:
    run.wait_for("Ctrl-C ends everything")
    assert f"Port {taken_port} is in use by another program" in run.printed()
    assert "takes 5 to 60 seconds to propagate" in run.printed()
    address = re.findall(r"runs at (http://127\.0\.0\.1:\d+/)", run.printed())[0]
    assert address != f"http://127.0.0.1:{taken_port}/"
    with urllib.request.urlopen(f"{address}health/ready", timeout=10) as answer:  # noqa: S310  our own address
        assert answer.status == 200

    assert run.command("run").wait(30) == 1
    assert f"It already runs in this checkout (process {run.popen.pid}): {address}" in run.printed()
    assert run.command("reset").wait(30) == 1

    # As `make manage ARGS=…`: on the servers of this run, with links to it.
    linked = run.manage("password_link", "ana@acme.example")
    assert (linked.returncode, linked.stdout.splitlines()[-1].startswith(f"{address}accounts/")) == (0, True), linked
    refused = run.manage("password_link", "nobody@acme.example")
    assert (refused.returncode, "Nobody has the address nobody@acme.example" in refused.stderr) == (1, True)

    family = run.family()
    assert names(family) == {"gunicorn", "celery", "beat", "postgres", "valkey-server"}
    run.popen.kill()
    run.popen.wait()
    # At once again, while the servers of the killed one are ending.
    run.popen = run.command("run")
    _, left = psutil.wait_procs(family, timeout=20)
    assert [process for process in left if process.status() != psutil.STATUS_ZOMBIE] == []

    run.output.write_text("")
    run.wait_for("Ctrl-C ends everything")
    worker = next(process for process in run.family() if "beat" in process.cmdline())
    worker.kill()
    run.wait_for("beat ended unexpectedly (status -9); starting it again.")
    family = run.family()
    assert run.end() == 0
    left = psutil.wait_procs(family, timeout=1)[1]
    assert [process for process in left if process.status() != psutil.STATUS_ZOMBIE] == []
    assert "Everything has ended" in run.printed()
    alone = run.manage("demo_accounts")
    assert (alone.returncode, alone.stdout) == (1, "")
    assert "The demo does not run here" in alone.stderr
    assert "Traceback" not in run.printed()


def test_interrupted_at_its_start_it_ends_cleanly_and_starts_the_next_time(run: Run) -> None:
    run.wait_for("Starting PostgreSQL")
    family = run.family()
    assert run.end() == 0
    left = psutil.wait_procs(family, timeout=1)[1]
    assert [process for process in left if process.status() != psutil.STATUS_ZOMBIE] == []
    assert "Traceback" not in run.printed()

    run.output.write_text("")
    run.popen = run.command("run")
    run.wait_for("Bringing the database up to date")
    assert run.end() == 0
    assert "Traceback" not in run.printed()


def test_a_taken_port_leads_to_the_next_free_one(taken_port: int) -> None:
    assert not instance.free(taken_port)
    assert taken_port < instance.port_from(taken_port) < taken_port + 100
