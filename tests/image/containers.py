"""The production image as it is started: each service of docker-compose.yml, in the image's own file system.

buildah runs it, which needs no Docker engine: the image's files, its account, and this machine's network.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reseller_console.local import processes
from reseller_console.local.processes import Child

BUILDAH = "/usr/bin/buildah"
# As root in any surroundings, also where a process cannot make the name spaces of a container.
ENVIRONMENT = {**os.environ, "BUILDAH_ISOLATION": "chroot"}


def buildah(*arguments: str) -> str:
    """Return what it printed. Raises CalledProcessError."""
    done = subprocess.run([BUILDAH, *arguments], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip()


@dataclass
class Containers:
    """What runs from one image. volumes: directories of this machine, by where they are seen inside."""

    image: str
    logs: Path
    environment: Mapping[str, str]
    volumes: Mapping[str, Path] = field(default_factory=dict)
    started: dict[str, Child] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.name = buildah("from", "--pull=false", f"localhost/{self.image}")

    def command(self) -> list[str]:
        """Return what the image starts when it is told nothing."""
        config: dict[str, Any] = json.loads(buildah("inspect", "--type", "image", f"localhost/{self.image}"))
        return list(config["OCIv1"]["config"]["Cmd"])

    def run(self, command: Sequence[str], extra: Mapping[str, str] | None = None) -> str:
        """Run something to its end, and return what it printed. Raises CalledProcessError."""
        return buildah(*self._arguments(command, extra or {}))

    def start(self, service: str, command: Sequence[str], extra: Mapping[str, str] | None = None) -> None:
        """Start a service; its lines go to a file. extra: what it alone is told."""
        with (self.logs / f"{service}.log").open("ab") as log:
            argv = [BUILDAH, *self._arguments(command, extra or {})]
            self.started[service] = processes.start(argv, env=ENVIRONMENT, stdout=log, stderr=log)

    def remove(self) -> None:
        """End everything."""
        for child in self.started.values():
            processes.stop(child)
        buildah("rm", self.name)

    def said(self) -> str:
        """Return the last lines of each service."""
        return "\n".join(
            f"--- {log.stem}\n{log.read_text(errors='replace')[-2000:]}" for log in sorted(self.logs.glob("*.log"))
        )

    def _arguments(self, command: Sequence[str], extra: Mapping[str, str]) -> list[str]:
        arguments = ["run", "--network", "host", "--user", "console"]
        for inside, outside in self.volumes.items():
            arguments += ["--volume", f"{outside}:{inside}"]
        for name, value in {**self.environment, **extra}.items():
            arguments += ["--env", f"{name}={value}"]
        return [*arguments, self.name, "--", *command]
