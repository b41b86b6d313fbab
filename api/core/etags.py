"""ETags: the hash of what is shown. No column keeps one: what is the same has the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

import orjson

from api.core.documents import Document
from api.core.errors import ConditionNotMet

Schema = Mapping[str, Any]

# Bytes of the hash: two resources never have the same one by chance.
_LENGTH: Final = 15


def text_of(answer: Any) -> str:
    """Return an answer as JSON."""
    return orjson.dumps(answer).decode()


def etag_of(text: str) -> str:
    """Return the ETag of a resource, in its quotes. text: the resource as JSON, without ETags."""
    return f'"{hashlib.blake2b(text.encode(), digest_size=_LENGTH).hexdigest()}"'


def stamped(answer: dict[str, Any], document: Document, schema: Schema) -> tuple[str, str]:
    """Return an answer as JSON with the ETags that its schema has room for, and its own ETag.

    Each row of a list is written once, and has the ETag that it has when it is asked for by itself.
    """
    lists = [name for name in answer if _holds_stamped(document, schema, name)]
    if not lists:
        text = text_of(answer)
        etag = etag_of(text)
        return (_with_etag(text, etag) if _has_room(schema, answer) else text), etag
    others = text_of({name: value for name, value in answer.items() if name not in lists})
    parts = [_list_of(name, answer[name]) for name in lists]
    text = others[:-1] + ("," if len(others) > 2 else "") + ",".join(parts) + "}"
    etag = etag_of(text)
    return (_with_etag(text, etag) if _has_room(schema, answer) else text), etag


def require_match(header: str, etags: list[str]) -> None:
    """Raise ConditionNotMet unless an If-Match names one of the ETags that the resource has now."""
    if header.strip() != "*" and not _named(header) & set(etags):
        raise ConditionNotMet


def is_known(header: str, etag: str) -> bool:
    """Tell whether an If-None-Match names this ETag: the client has this answer already."""
    return header.strip() == "*" or etag in _named(header)


def _named(header: str) -> set[str]:
    return {name.strip().removeprefix("W/") for name in header.split(",")}


def _list_of(name: str, rows: list[dict[str, Any]]) -> str:
    texts = [(text_of(row), "etag" in row) for row in rows]
    return f"{json.dumps(name)}:[{','.join([text if has else _with_etag(text, etag_of(text)) for text, has in texts])}]"


def _with_etag(text: str, etag: str) -> str:
    """Return an object in JSON with its ETag in front."""
    # Its own quotes are the only signs in it that JSON escapes.
    return f'{{"etag":"\\"{etag[1:-1]}\\""{"," if len(text) > 2 else ""}{text[1:]}'


def _has_room(schema: Schema, answer: Mapping[str, Any]) -> bool:
    return "etag" in schema.get("properties", {}) and "etag" not in answer


def _holds_stamped(document: Document, schema: Schema, name: str) -> bool:
    """Tell whether a field is a list of resources that have ETags."""
    part = schema.get("properties", {}).get(name, {})
    items = part.get("items", {})
    return part.get("type") == "array" and "$ref" in items and "etag" in document.resolved(items).get("properties", {})
