"""The changelog, from which `make test-upgrade` learns what the release before is."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from reseller_console.local import places, upgrade
from reseller_console.local.upgrade import Release

OLD, NEW = "a" * 40, "b" * 40
TWO = f"""# Changelog

## Next

A line.
%s
## 1.1.0 (2027-01-02)

Commit `{NEW}`

**Stop web first**: that was then.

## 1.0.0 (2026-11-29)

Commit `{OLD}`
"""


def test_the_newest_release_stands_first() -> None:
    assert upgrade.releases(TWO) == [Release("1.1.0", NEW), Release("1.0.0", OLD)]


def test_only_the_next_release_can_ask_for_web_to_stop_first() -> None:
    assert upgrade.stops_web_first(TWO % "") == ""
    asked = "\n**Stop web first**: a column that the old code\nwrites is gone.\n"
    assert upgrade.stops_web_first(TWO % asked) == asked.strip()


def test_where_web_stops_first_nothing_is_run_and_the_reason_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changelog = tmp_path / "CHANGELOG.md"
    changelog.write_text(TWO % "\n**Stop web first**: a table has another name.\n")
    monkeypatch.setattr(upgrade, "CHANGELOG", changelog)
    assert upgrade.main() == 0
    assert "a table has another name" in capsys.readouterr().out


def test_every_release_is_a_commit_of_this_history_the_newer_after_the_older() -> None:
    commits = [release.commit for release in upgrade.releases(upgrade.CHANGELOG.read_text())]
    assert commits
    for newer, older in zip(["HEAD", *commits], commits, strict=False):
        command = [str(shutil.which("git")), "merge-base", "--is-ancestor", older, newer]
        assert subprocess.run(command, cwd=places.CHECKOUT, check=False).returncode == 0, f"{older} before {newer}"


def test_a_release_that_is_not_in_the_history_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(places, "STATE", tmp_path)
    with pytest.raises(SystemExit, match=r"of release 1\.0\.0 is not here"):
        upgrade.checkout(Release("1.0.0", OLD))
