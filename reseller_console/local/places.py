"""Directories that another account can reach, and socket paths that are short enough."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from reseller_console.local import processes
from reseller_console.local.processes import Account

CHECKOUT = Path(__file__).resolve().parents[2]
# Where `make run` keeps its data, logs and lock; tests name another place, to leave the developer's alone.
STATE = Path(os.environ.get("LOCAL_STATE") or CHECKOUT / ".local")
# Outlives a restart of the machine, unlike /tmp, and every account can enter it.
SHARED = Path("/var/tmp")  # noqa: S108  only directories that `private` has checked are used
# Bytes the kernel has for the path of a socket, less the longest name we give one.
SOCKET_DIRECTORY_LIMIT = 103 - len("/.s.PGSQL.5432")


def reachable(path: Path, account: Account | None) -> bool:
    """Whether the account may enter every parent of this path."""
    if account is None:
        return True
    for parent in path.resolve().parents:
        status = parent.stat()
        shift = 6 if status.st_uid == account.uid else 3 if status.st_gid == account.gid else 0
        if not (status.st_mode >> shift) & stat.S_IXOTH:
            return False
    return True


def private(path: Path, *, mode: int = 0o700) -> Path:
    """Make a directory that is ours; refuse one that another account put there."""
    path.mkdir(mode=mode, parents=True, exist_ok=True)
    status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise PermissionError(f"{path} belongs to another account; remove it and try again.")
    path.chmod(mode)
    return path


def outside() -> Path:
    """The directory outside the checkout that belongs to this checkout's state."""
    key = hashlib.sha256(os.fsencode(STATE)).hexdigest()[:10]
    return SHARED / f"reseller-console-{os.geteuid()}-{key}"


def shared(name: str) -> Path:
    """A place that every account can reach, only we can write to, and that stays."""
    return private(outside(), mode=0o711) / name


def for_server(name: str, account: Account | None) -> Path:
    """The place for a server's data: `.local` in the checkout, or outside where the account cannot enter it."""
    private(STATE, mode=0o711 if account else 0o700)
    return STATE / name if reachable(STATE / name, account) else shared(name)


def give(path: Path, account: Account | None) -> Path:
    """Make a directory, owned by the account that will run a server in it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account:
        os.chown(path, account.uid, account.gid)
    return path


def temporary(account: Account | None) -> Path:
    """A new directory with a short path, for servers that live as long as we do."""
    directory = give(Path(tempfile.mkdtemp(prefix="rc-", dir="/tmp")), account)
    processes.remove_at_the_end(directory)
    return directory


def runs(program: Path, account: Account) -> bool:
    """Whether the account can really run this program from where it lies."""
    try:
        command = [str(program), "--version"]
        result = subprocess.run(
            command, user=account.uid, group=account.gid, extra_groups=[], cwd="/", capture_output=True, check=False
        )
    except OSError:
        return False
    return result.returncode == 0


def copy_for_all(folders: list[Path], name: str) -> Path:
    """Copy folders once to where every account can read them; a half-made copy is never used."""
    target = shared(name)
    if not target.exists():
        unfinished = Path(tempfile.mkdtemp(prefix="copy-", dir=target.parent))
        unfinished.chmod(0o755)
        for folder in folders:
            shutil.copytree(folder, unfinished / folder.name, symlinks=True)
        for path in unfinished.rglob("*"):
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
        try:
            unfinished.rename(target)
        except OSError:  # another start was quicker
            shutil.rmtree(unfinished)
    return target
