"""What docs/operations.md says."""

from __future__ import annotations

import re

from reseller_console.local import places

OPERATIONS = (places.CHECKOUT / "docs" / "operations.md").read_text()


def first_column(heading: str) -> list[str]:
    """The names in the first column of the table below a heading."""
    section = OPERATIONS.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE)
