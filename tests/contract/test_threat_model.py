"""docs/threat-model.md names tests and places that exist: a protection cannot lose its test unseen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEXT = (ROOT / "docs" / "threat-model.md").read_text()
NAMED = sorted(set(re.findall(r"`([\w/]+/test_\w+\.py)::(test_\w+)`", TEXT)))


@pytest.mark.parametrize(("path", "test"), NAMED, ids=[test for _path, test in NAMED])
def test_each_test_that_the_document_names_exists(path: str, test: str) -> None:
    assert f"def {test}(" in (ROOT / "tests" / path).read_text()


def test_each_protection_names_a_test() -> None:
    rows = [
        line for line in TEXT.split("## Protections")[1].split("## What is not")[0].splitlines() if line[:2] == "| "
    ]
    protections = [row for row in rows if not row.startswith(("| Protection", "| ---"))]
    assert len(protections) > 60
    pointers = ("::test_", "the same", "the matrix")
    assert [row for row in protections if not any(pointer in row.split(" | ")[-1] for pointer in pointers)] == []
