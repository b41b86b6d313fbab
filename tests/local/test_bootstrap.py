"""The environment is made once, made again when it is half-made, and never in silence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reseller_console.local import places

BOOTSTRAP = Path("reseller_console/local/bootstrap.py")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with requirements that need no network: none."""
    (tmp_path / BOOTSTRAP).parent.mkdir(parents=True)
    shutil.copy(places.CHECKOUT / BOOTSTRAP, tmp_path / BOOTSTRAP)
    shutil.copy(places.CHECKOUT / "Makefile", tmp_path / "Makefile")
    (tmp_path / "requirements-dev.txt").write_text("# nothing\n")
    return tmp_path


def bootstrap(checkout: Path, *, path: str = "/usr/bin:/bin") -> str:
    result = subprocess.run(
        [sys.executable, checkout / BOOTSTRAP],
        env={"PATH": path, "HOME": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_without_uv_it_takes_venv_and_pip_and_the_second_time_it_says_nothing(checkout: Path) -> None:
    assert "with venv and pip" in bootstrap(checkout)
    python = checkout / ".venv" / "bin" / "python"
    assert subprocess.run([python, "-c", ""], check=False).returncode == 0
    assert bootstrap(checkout) == ""

    (checkout / "requirements-dev.txt").write_text("# nothing, but differently\n")
    (checkout / ".venv" / "kept").touch()
    assert "Installing" in bootstrap(checkout)
    assert (checkout / ".venv" / "kept").exists()


def test_where_uv_cannot_install_pip_does(checkout: Path) -> None:
    programs = checkout / "bin"
    programs.mkdir()
    uv = programs / "uv"
    uv.write_text('#!/bin/sh\ncase "$1" in pip) echo "no index" >&2; exit 2;; esac\n')
    uv.chmod(0o755)

    said = bootstrap(checkout, path=f"{programs}:{os.environ['PATH']}")

    assert "uv did not succeed; once more with pip" in said
    assert "The environment is ready." in said
    assert bootstrap(checkout) == ""


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed")
def test_a_half_made_environment_is_made_again(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (checkout / ".venv" / "unfinished").touch()
    (checkout / ".venv" / "half").touch()

    assert "Making an environment in .venv with uv" in bootstrap(checkout, path=os.environ["PATH"])

    assert not (checkout / ".venv" / "half").exists()
    assert not (checkout / ".venv" / "unfinished").exists()


def test_only_an_older_python_is_explained(checkout: Path) -> None:
    programs = checkout / "bin"
    programs.mkdir()
    for name in ("python3", "python3.13", "python3.12", "python3.11", "python3.14", "python"):
        (programs / name).write_text("#!/bin/sh\nexit 1\n")
        (programs / name).chmod(0o755)
    make = shutil.which("make")
    assert make is not None

    result = subprocess.run(
        [make, "setup"], cwd=checkout, env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )

    assert result.returncode != 0
    assert "No Python 3.11 or newer was found" in result.stderr
