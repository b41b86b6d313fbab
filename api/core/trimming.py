"""Discovery documents, trimmed to what routes and checks need: names, paths, parameters, types, schemas and scopes.

Run by itself at set-up and while an image is built, where there is no Django: `python trimming.py FOLDER`. Standard
library only. Why they are not in the repository: docs/decisions/0047-the-documents-are-the-contract.md.
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

# The documents of the APIs that are served, as the package google-api-python-client calls their files.
NAMES: Final = (
    "reseller.v1",
    "admin.directory_v1",
    "admin.reports_v1",
    "licensing.v1",
    "groupssettings.v1",
    "cloudsupport.v2",
    "cloudsupport.v2beta",
)
_PACKAGE: Final = "googleapiclient"
_INSIDE: Final = Path("discovery_cache", "documents")
# Prose, pictures, and addresses of the original's hosts.
_LEFT_OUT: Final = frozenset(
    {"description", "enumDescriptions", "icons", "documentationLink", "mtlsRootUrl", "ownerDomain", "ownerName"}
)
# What these hold is named by the API: nothing in them is left out for its name.
_NAMED: Final = frozenset({"properties", "parameters", "schemas", "methods", "resources", "scopes"})


def trimmed(value: Any, *, is_named: bool = False) -> Any:
    """Return a document, or a part of one, without what nothing here reads. is_named: its keys are names of the API."""
    if isinstance(value, list):
        return [trimmed(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: trimmed(each, is_named=key in _NAMED and not is_named)
        for key, each in value.items()
        if is_named or key not in _LEFT_OUT
    }


def trim_all(folder: Path) -> list[str]:
    """Write the documents into a folder; returns the names of those that changed.

    Raises FileNotFoundError where google-api-python-client is not installed, or lacks one.
    """
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        raise FileNotFoundError("Install google-api-python-client first: it brings the discovery documents.")
    source = Path(found.origin).parent / _INSIDE
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name in NAMES:
        document = json.loads((source / f"{name}.json").read_text(encoding="utf-8"))
        text = json.dumps(trimmed(document), separators=(",", ":"))
        target = folder / f"{name}.json"
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            unfinished = target.with_suffix(".unfinished")
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(target)
            changed.append(name)
    return changed


if __name__ == "__main__":
    trim_all(Path(sys.argv[1]))
