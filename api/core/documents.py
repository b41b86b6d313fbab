"""The discovery documents: routing table, schema and contract of the APIs (decision 47).

Those of the original are written into a folder at set-up (`manage.py compile_documents`); ours stand beside their code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from api.core.trimming import NAMES

# Of our own APIs, in the repository.
_OURS: Final = (Path(__file__).resolve().parents[1] / "access" / "document.json",)
# Envelopes of errors: the older APIs name reasons in a list, the newer ones one status (decision 11 in api.md).
_OLDER: Final = frozenset({"reseller", "admin", "licensing", "groupssettings"})

Schema = Mapping[str, Any]


class DocumentsMissing(Exception):
    """The documents were not written yet: `manage.py compile_documents` does."""


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """A document of one API."""

    name: str
    version: str
    content: Schema

    @property
    def schemas(self) -> Mapping[str, Schema]:
        found: Mapping[str, Schema] = self.content.get("schemas", {})
        return found

    @property
    def is_older(self) -> bool:
        """Tell whether errors of this API come in the older envelope."""
        return self.name in _OLDER

    def resolved(self, schema: Schema) -> Schema:
        """Return a schema, or the one that it refers to."""
        return self.schemas[schema["$ref"]] if "$ref" in schema else schema


@dataclass(frozen=True, slots=True, eq=False)
class Endpoint:
    """A method of a document, at one of its paths. is_upload: this is the path for files."""

    document: Document
    id: str
    http_method: str
    path: str
    pattern: re.Pattern[str]
    content: Schema
    is_upload: bool = False
    parameters: Mapping[str, Schema] = field(default_factory=dict)

    @property
    def scopes(self) -> frozenset[str]:
        """Those of which any one is enough."""
        return frozenset(self.content.get("scopes", ()))

    @property
    def request(self) -> Schema | None:
        """The schema of what is sent; None where nothing is."""
        found = self.content.get("request")
        return self.document.schemas[found["$ref"]] if found else None

    @property
    def response(self) -> Schema:
        """The schema of the answer; empty where there is none."""
        found = self.content.get("response")
        return self.document.schemas[found["$ref"]] if found else {}


@cache
def documents() -> tuple[Document, ...]:
    """Return all documents. Raises DocumentsMissing."""
    paths = [*_paths(), *(path for path in _OURS if path.exists())]
    try:
        contents = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    except FileNotFoundError as error:
        raise DocumentsMissing(f"{error.filename} is missing. Run manage.py compile_documents.") from error
    return tuple(Document(content["name"], content["version"], content) for content in contents)


def missing() -> list[str]:
    """Return the names of the original's documents that were not written."""
    return [path.name for path in _paths() if not path.exists()]


def _paths() -> list[Path]:
    return [Path(settings.API_DOCUMENTS, f"{name}.json") for name in NAMES]


def methods_in(resource: Schema) -> Iterator[Schema]:
    """Return the methods of a resource, or of a document, with those of the resources in it."""
    yield from resource.get("methods", {}).values()
    for each in resource.get("resources", {}).values():
        yield from methods_in(each)


@cache
def endpoints() -> tuple[Endpoint, ...]:
    """Return every method at every path of its own, those first whose paths say most."""
    found = [endpoint for document in documents() for endpoint in _endpoints_of(document)]
    return tuple(sorted(found, key=lambda endpoint: _order(endpoint.path)))


def _endpoints_of(document: Document) -> Iterator[Endpoint]:
    common = document.content.get("parameters", {})
    for method in methods_in(document.content):
        paths = [(document.content.get("servicePath", "") + method["path"], False)]
        upload = method.get("mediaUpload", {}).get("protocols", {}).get("simple")
        if upload:
            paths += [(upload["path"].lstrip("/"), True), (f"resumable{upload['path']}", True)]
        for path, is_upload in paths:
            yield Endpoint(
                document=document,
                id=method["id"],
                http_method=method["httpMethod"],
                path=path,
                pattern=_pattern(path, method.get("parameters", {})),
                content=method,
                is_upload=is_upload,
                parameters={**common, **method.get("parameters", {})},
            )


def _pattern(path: str, parameters: Schema) -> re.Pattern[str]:
    """Return what a path matches. `{+name}` may hold slashes, as its parameter's own pattern says."""
    parts = []
    for text, plus, name in re.findall(r"([^{]+)|\{(\+?)(\w+)\}", path):
        if text:
            parts.append(re.escape(text))
            continue
        own = parameters.get(name, {}).get("pattern") if plus else None
        parts.append(f"(?P<{name}>{own.removeprefix('^').removesuffix('$') if own else '.+' if plus else '[^/]+'})")
    return re.compile("/" + "".join(parts), re.DOTALL)


def _order(path: str) -> tuple[int, int, str]:
    """Verbs at the end (`{+name}:close`) come first, then literal segments before variable ones."""
    segments = path.split("/")
    return (0 if re.search(r":\w+$", path) else 1, sum(part.startswith("{") for part in segments), path)
