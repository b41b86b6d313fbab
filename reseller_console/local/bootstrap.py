"""Run as a script by any Python ≥ 3.11: makes `.venv` with the locked requirements, unless it is there already.

Uses uv when it is present, else venv and pip. Standard library only.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
VENV = CHECKOUT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK_FILE = CHECKOUT / "requirements-dev.txt"
# Says which lock file is installed. Written last, so that a half-made environment has none.
STAMP = VENV / "installed"
TRIMMING = CHECKOUT / "api" / "core" / "trimming.py"
DOCUMENTS = CHECKOUT / "api" / "documents"
# There from the first to the last moment of an installation.
UNFINISHED = VENV / "unfinished"


def say(line: str) -> None:
    print(line, flush=True)


def wanted_stamp() -> str:
    """The lock file's hash, and the place: scripts in an environment do not survive a move."""
    return f"{hashlib.sha256(LOCK_FILE.read_bytes()).hexdigest()} {VENV}\n"


def answers(*command: str | Path) -> bool:
    """Whether a program starts and ends well; a pyenv shim exists also where its program does not."""
    try:
        return subprocess.run([str(part) for part in command], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def usable(uv: str | None) -> bool:
    """Whether the environment that is there can take the requirements: whole, new enough, and able to install."""
    right_version = "import sys; sys.exit(sys.version_info < (3, 11))"
    if UNFINISHED.exists() or not answers(PYTHON, "-c", right_version):
        return False
    if STAMP.exists() and not STAMP.read_text().endswith(f" {VENV}\n"):
        return False
    return bool(uv) or answers(PYTHON, "-m", "pip", "--version")


def succeeds(*command: str | Path) -> bool:
    """Run a step in view."""
    return subprocess.run([str(part) for part in command], cwd=CHECKOUT, check=False).returncode == 0


def run(*command: str | Path) -> None:
    """Run a step in view, and end with a sentence when it fails."""
    if not succeeds(*command):
        sys.exit(f"\nThis step failed: {' '.join(map(str, command))}\nWhen the reason is gone, run make again.")


def create(uv: str | None) -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    say(f"Making an environment in .venv with {'uv' if uv else 'venv and pip'} (Python {version}) …")
    shutil.rmtree(VENV, ignore_errors=True)
    VENV.mkdir()
    if uv:
        run(uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, VENV)
    elif not answers(sys.executable, "-m", "ensurepip", "--version"):
        VENV.rmdir()
        sys.exit("This Python cannot make environments. On Debian and Ubuntu: apt install python3-venv. Or install uv.")
    else:
        run(sys.executable, "-m", "venv", VENV)


def install(uv: str | None) -> None:
    """Install the locked requirements. Where uv cannot reach its index, pip may: it knows pip's own settings."""
    say("Installing what requirements-dev.txt names; the first time this takes a minute or two …")
    wanted: list[str | Path] = ["--require-hashes", "-r", LOCK_FILE]
    if uv:
        if succeeds(uv, "pip", "install", "--python", PYTHON, *wanted):
            return
        say("uv did not succeed; once more with pip …")
        create(None)
        UNFINISHED.touch()
    run(PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *wanted)


def write_documents() -> None:
    """Write what the APIs are served by, out of a package that the requirements name (api/core/trimming.py)."""
    if TRIMMING.exists():
        run(PYTHON, TRIMMING, DOCUMENTS)


def main() -> None:
    if STAMP.exists() and STAMP.read_text() == wanted_stamp() and os.access(PYTHON, os.X_OK):
        return
    state = CHECKOUT / ".local"
    state.mkdir(exist_ok=True)
    with (state / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second waits, then finds the work done
        if STAMP.exists() and STAMP.read_text() == wanted_stamp() and os.access(PYTHON, os.X_OK):
            return
        found = shutil.which("uv")
        uv = found if found and answers(found, "--version") else None
        if not usable(uv):
            create(uv)
        UNFINISHED.touch()
        install(uv)
        write_documents()
        STAMP.write_text(wanted_stamp())
        UNFINISHED.unlink()
    say("The environment is ready.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; run make again to go on.")
