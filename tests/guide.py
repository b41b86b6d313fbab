"""Runs what docs/operations.md tells people to type, as it stands there; only Docker is stood in for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from reseller_console.local import places, processes
from reseller_console.local.postgres import programs
from tests.reseller_console.compose import services

GUIDE = (places.CHECKOUT / "docs" / "operations.md").read_text()
# Where containers see the volume of the files.
VOLUME = "/var/lib/reseller-console"
# In place of Docker: the same command line, on this machine.
_DOCKER = """#!{python}
import json, os, sys
words = sys.argv[2:]
verb = words.pop(0)
if verb in ("stop", "start"):
    sys.exit()
while words[0].startswith("-"):
    words.pop(0)
service = words.pop(0)
known = json.loads(os.environ["STAND_IN"])
words = [word.replace("{volume}", known["volume"]) for word in words or known["commands"][service]]
if words[0] == "sh":
    os.environ.update(POSTGRES_DB="console", POSTGRES_USER="console")
    os.environ["PATH"] = known["programs"] + os.pathsep + os.environ["PATH"]
    os.execvp("sh", ["sh", os.path.join(known["checkout"], "deploy", "postgres", os.path.basename(words[1]))])
if service == "postgres":
    os.execv(os.path.join(known["programs"], words[0]), words)
os.chdir(known["checkout"])
os.execvp(words[0], words + known["options"].get(words[0], []))
"""


@dataclass
class StandIn:
    """What a shell needs so that its `docker compose` works on this machine.

    Attributes:
        directory: where the shell stands; what is in the way of Docker goes into its `bin`.
        volume: what is in the volume of the files.
        environment: what every process gets.
        options: what a program is told beside its own words, since its files are elsewhere than in the container.
    """

    directory: Path
    volume: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._docker = self.directory / "bin" / "docker"
        self._docker.parent.mkdir()
        self._docker.write_text(_DOCKER.format(python=sys.executable, volume=VOLUME))
        self._docker.chmod(0o755)

    def follow(self, lines: str) -> str:
        """Run lines in one shell, stopping at the first that fails; return what they printed."""
        known = {
            "volume": str(self.volume),
            "programs": str(programs(processes.server_account())),
            "checkout": str(places.CHECKOUT),
            "commands": {"migrate": services()["migrate"]["command"]},
            "options": self.options,
        }
        path = [str(self._docker.parent), str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"]
        shell = {**os.environ, **self.environment, "STAND_IN": json.dumps(known), "PATH": os.pathsep.join(path)}
        command = ["bash", "-e", "-o", "pipefail", "-c", lines]
        ended = subprocess.run(command, cwd=self.directory, env=shell, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout
