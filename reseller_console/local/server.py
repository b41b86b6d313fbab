"""What the embedded servers have in common: a folder, and one process that is started, stopped or killed."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path

from reseller_console.local import processes
from reseller_console.local.processes import Child


class ServerError(Exception):
    """A server did not start; the message says why."""


@dataclass
class Server(ABC):
    """One server and its folder, which is made when missing."""

    directory: Path
    _child: Child | None = field(default=None, init=False)

    @property
    def child(self) -> Child:
        """The running server as a child process."""
        assert self._child is not None, "not started"
        return self._child

    @abstractmethod
    def start(self) -> None:
        """Start the server and wait until it answers."""

    def stop(self) -> None:
        """End the server; what it keeps on disk stays."""
        if self._child:
            processes.stop(self._child)
            self._child = None

    def kill(self) -> None:
        """End the server as a crash would."""
        if self._child:
            processes.kill(self._child)
            self._child = None

    def restart(self) -> None:
        """Stop and start where it answered before, so that URLs stay true."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stop the server and throw its folder away."""
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
