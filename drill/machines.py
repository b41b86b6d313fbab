"""Machines that can be killed, frozen and cut off: network namespaces on one bridge, or else addresses of loopback."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from reseller_console.local import places, processes
from reseller_console.local.processes import Account, Child

# As in deploy/machines: the addresses that documents may use (RFC 5737).
NETWORK, HOST = "198.51.100.", "198.51.100.1"
LOOPBACK = "127.0.2."
PATH = "/usr/lib/postgresql/15/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BRIDGE, _PREFIX = "rcdrill", "rcdrill-"


def _ip(*arguments: str, check: bool = True) -> str:
    """Run Linux's ip; return what it prints."""
    ended = subprocess.run(["ip", *arguments], check=check, capture_output=True, text=True)  # noqa: S607
    return ended.stdout


def namespaces_are_allowed() -> bool:
    """Tell whether this account may make network namespaces here, and the network of the drill is free."""
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        return False
    name = f"{_PREFIX}try"
    taken = _ip("-o", "-4", "address", check=False)
    if any(NETWORK in line and _BRIDGE not in line for line in taken.splitlines()):
        return False
    try:
        _ip("netns", "add", name)
        _ip("netns", "delete", name)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@dataclass
class Program:
    """One program of a machine, and how it is started again.

    Attributes:
        pid_file: of a server that it starts beside itself, with its process id in the first line.
    """

    machine: Machine
    name: str
    argv: Sequence[str]
    account: Account | None
    environment: Mapping[str, str]
    pid_file: Path | None = None
    child: Child | None = None

    def start(self) -> None:
        """Start it in its machine; what it says goes to a file of its name."""
        wanted = [*self.machine.prefix(), *_as(self.account), *self.argv]
        wanted[0] = shutil.which(wanted[0], path=PATH) or wanted[0]
        with (self.machine.folder / f"{self.name}.log").open("ab") as log:
            env = {**os.environ, **self.environment}
            self.child = processes.start(wanted, cwd=places.CHECKOUT, env=env, stdout=log, stderr=log)

    def pids(self) -> list[int]:
        """Return its processes, with those that they started."""
        found: list[int] = [self.child.popen.pid] if self.child else []
        if self.pid_file:
            with suppress(OSError, ValueError, IndexError):
                found.append(int(self.pid_file.read_text().splitlines()[0]))
        return [pid for root in found for pid in _with_children(root)]


def _as(account: Account | None) -> list[str]:
    """Return what makes a program run as an account."""
    if account is None:
        return []
    return ["setpriv", f"--reuid={account.uid}", f"--regid={account.gid}", "--init-groups"]


def _with_children(pid: int) -> list[int]:
    try:
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    except psutil.NoSuchProcess:
        return []


@dataclass
class Machine:
    """One machine with its address and its programs."""

    name: str
    address: str
    folder: Path
    has_namespace: bool
    programs: dict[str, Program] = field(default_factory=dict)

    def prefix(self) -> list[str]:
        """Return what runs a program in this machine."""
        return ["ip", "netns", "exec", _PREFIX + self.name] if self.has_namespace else []

    def add(
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        account: Account | None = None,
        environment: Mapping[str, str] | None = None,
        pid_file: Path | None = None,
    ) -> Program:
        """Give it a program and start that."""
        program = Program(self, name, [str(part) for part in argv], account, environment or {}, pid_file)
        self.programs[name] = program
        program.start()
        return program

    def pids(self) -> list[int]:
        """Return all processes in it."""
        if not self.has_namespace:
            return [pid for program in self.programs.values() for pid in program.pids()]
        answer = _ip("netns", "pids", _PREFIX + self.name)
        return [int(pid) for pid in answer.split()]

    def plug(self, state: str) -> None:
        """Set its cable `up` or `down`. It needs a namespace."""
        _ip("link", "set", _PREFIX + self.name, state)


def signal_all(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to each process that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def kill(pids: list[int], programs: Iterable[Program]) -> None:
    """End processes as a crash would, and forget the programs that they were."""
    signal_all(pids, signal.SIGKILL)
    for program in programs:
        if program.child:
            processes.kill(program.child)
            program.child = None


class Network:
    """All machines, and the bridge between them."""

    def __init__(self, folder: Path, *, namespaces: bool) -> None:
        """Make the bridge, after removing what a drill that was killed left behind."""
        self.folder, self.namespaces = folder, namespaces
        self.machines: dict[str, Machine] = {}
        if namespaces:
            self._clear()
            _ip("link", "add", _BRIDGE, "type", "bridge")
            _ip("address", "add", f"{HOST}/24", "dev", _BRIDGE)
            _ip("link", "set", _BRIDGE, "up")

    def address(self, number: int) -> str:
        """Return an address of this network."""
        return f"{NETWORK if self.namespaces else LOOPBACK}{number}"

    def add(self, name: str, number: int) -> Machine:
        """Make a machine."""
        folder = self.folder / name
        folder.mkdir()
        machine = Machine(name, self.address(number), folder, self.namespaces)
        if self.namespaces:
            namespace = _PREFIX + name
            _ip("netns", "add", namespace)
            # The cable ends in the machine under the name that a first card has.
            _ip("link", "add", namespace, "type", "veth", "peer", "name", "eth0", "netns", namespace)
            _ip("link", "set", namespace, "master", _BRIDGE, "up")
            _ip("-n", namespace, "address", "add", f"{machine.address}/24", "dev", "eth0")
            for card in ("lo", "eth0"):
                _ip("-n", namespace, "link", "set", card, "up")
        self.machines[name] = machine
        return machine

    def remove(self) -> None:
        """End everything in the machines, and the machines."""
        for machine in self.machines.values():
            kill(machine.pids(), machine.programs.values())
        if self.namespaces:
            self._clear()

    def _clear(self) -> None:
        listed = _ip("netns", "list")
        for name in (line.split()[0] for line in listed.splitlines() if line.startswith(_PREFIX)):
            answer = _ip("netns", "pids", name)
            signal_all((int(pid) for pid in answer.split()), signal.SIGKILL)
            _ip("netns", "delete", name)
        _ip("link", "delete", _BRIDGE, check=False)
