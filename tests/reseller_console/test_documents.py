"""What the documents say about settings, checks and files is what is there."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from reseller_console.checks import (
    MEDIA_CHECK,
    ROLE_CHECK,
    RULES,
    SEAL_KEY_CHECK,
    SEALER_ELSEWHERE_CHECK,
    SEALER_ROLE_CHECK,
)
from reseller_console.local import places
from tests.reseller_console.operations import first_column

DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/**/*.md") for path in places.CHECKOUT.glob(pattern) if path.name != "CLAUDE.md"
)


def test_the_table_of_settings_names_each_variable_that_is_read_and_no_other() -> None:
    settings = (places.CHECKOUT / "reseller_console" / "settings.py").read_text()
    read = re.findall(r"""\benv\.\w+\(\s*"(\w+)\"""", settings)
    assert sorted(first_column("Settings")) == sorted(set(read))


def test_the_table_of_checks_names_each_check_and_no_other() -> None:
    assert first_column("Checks that stop the start") == [
        *(identity for identity, _judge in RULES),
        ROLE_CHECK,
        MEDIA_CHECK,
        SEAL_KEY_CHECK,
        SEALER_ELSEWHERE_CHECK,
        SEALER_ROLE_CHECK,
    ]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(places.CHECKOUT).as_posix())
def test_every_link_between_documents_leads_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_make_hands_on_what_it_is_told_to_run() -> None:
    asked = "reconcile_access --check"
    command = ["make", "--dry-run", "manage", f"ARGS={asked}"]
    said = subprocess.run(command, cwd=places.CHECKOUT, capture_output=True, text=True, check=True).stdout
    assert f"reseller_console.local manage {asked}\n" in said


def test_the_index_of_decisions_names_each_page() -> None:
    folder = places.CHECKOUT / "docs" / "decisions"
    linked = re.findall(r"\]\((\d{4}-[^)]+\.md)\)", (folder / "README.md").read_text())
    assert linked == sorted(path.name for path in folder.glob("0*.md"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(places.CHECKOUT).as_posix())
def test_every_file_and_command_of_ours_that_a_document_names_exists(path: Path) -> None:
    text = path.read_text()
    folders = "accounts|subscriptions|support|reseller_console|benchmarks|templates|static|tests|docs"
    named = re.findall(rf"`((?:{folders})/[\w/.-]+)`", text)
    assert [name for name in named if not (places.CHECKOUT / name).exists()] == []
    commands = {file.stem for file in places.CHECKOUT.glob("*/management/commands/*.py")}
    django = {"check", "migrate", "createcachetable"}
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= commands | django
