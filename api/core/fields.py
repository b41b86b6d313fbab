"""Partial answers: `fields=nextPageToken,users(id,name/fullName)`, as a tree that an answer is cut to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from api.core.documents import Document, Endpoint
from api.core.errors import ApiError

# Letters of a selector, and how deep its brackets may be: more than any schema has.
_LONGEST: Final = 8_000
_DEEPEST: Final = 20
_TOKENS: Final = re.compile(r"[,()/]|[^,()/\s]+")
_NAME: Final = re.compile(r"\*|[\w$@.-]+")

# A field with nothing below it is wanted whole.
Tree = dict[str, "Tree"]
Schema = Mapping[str, Any]


def cut(answer: dict[str, Any], fields: str, document: Document, schema: Schema) -> dict[str, Any]:
    """Return an answer with the fields that are asked for only. Raises ApiError for a selector that cannot be read."""
    tree = tree_of(fields)
    _require_known(tree, document, schema, "")
    found: dict[str, Any] = _cut(answer, tree)
    return found


@lru_cache(maxsize=512)
def tree_of(fields: str) -> Tree:
    """Return what a selector asks for. Raises ApiError."""
    if len(fields) > _LONGEST:
        raise _invalid(fields)
    tokens = _TOKENS.findall(fields)
    tree, end = _read(tokens, 0, 0)
    if end != len(tokens) or not tree:
        raise _invalid(fields)
    return tree


@lru_cache(maxsize=512)
def shows_etags(fields: str, endpoint: Endpoint) -> bool:
    """Tell whether a part of an answer has an ETag in it: the selector names one, or something whole that has one."""
    return _shows_etags(tree_of(fields), endpoint.document, endpoint.response)


def _shows_etags(tree: Tree, document: Document, schema: Schema) -> bool:
    schema = document.resolved(schema)
    properties = document.resolved(schema.get("items", schema)).get("properties", {})
    if not tree or "*" in tree or "etag" in tree:
        return "etag" in properties
    return any(_shows_etags(below, document, properties[name]) for name, below in tree.items() if name in properties)


def _read(tokens: list[str], at: int, depth: int) -> tuple[Tree, int]:
    """Return what stands at a place up to the end of its brackets, and where that is."""
    tree: Tree = {}
    while True:
        at = _read_path(tokens, at, depth, tree)
        if at < len(tokens) and tokens[at] == ",":
            at += 1
            continue
        return tree, at


def _read_path(tokens: list[str], at: int, depth: int, tree: Tree) -> int:
    """Add `a/b(c,d)` to a tree; returns where it ends."""
    if depth > _DEEPEST:
        raise _invalid("".join(tokens))
    if at >= len(tokens) or not _NAME.fullmatch(tokens[at]):
        raise _invalid("".join(tokens))
    name, is_new = tokens[at], tokens[at] not in tree
    below: Tree = {}
    at += 1
    if at < len(tokens) and tokens[at] == "/":
        at = _read_path(tokens, at + 1, depth + 1, below)
    elif at < len(tokens) and tokens[at] == "(":
        below, at = _read(tokens, at + 1, depth + 1)
        if at >= len(tokens) or tokens[at] != ")":
            raise _invalid("".join(tokens))
        at += 1
    # Asked for whole and in part: whole.
    tree[name] = _merged(tree[name], below) if not is_new and tree[name] and below else below
    return at


def _merged(one: Tree, other: Tree) -> Tree:
    both = dict(one)
    for name, below in other.items():
        both[name] = _merged(both[name], below) if both.get(name) and below else below
    return both


def _cut(value: Any, tree: Tree) -> Any:
    if not tree:
        return value
    if isinstance(value, list):
        return [_cut(each, tree) for each in value]
    if not isinstance(value, dict):
        return value
    if "*" in tree:
        return {name: _cut(each, tree.get(name, tree["*"])) for name, each in value.items()}
    return {name: _cut(value[name], below) for name, below in tree.items() if name in value}


def _require_known(tree: Tree, document: Document, schema: Schema, place: str) -> None:
    """Raise ApiError where a selector names what the answer cannot have."""
    schema = document.resolved(schema)
    while schema.get("type") == "array":
        schema = document.resolved(schema["items"])
    properties = schema.get("properties")
    if properties is None or "additionalProperties" in schema:
        return
    for name, below in tree.items():
        if name == "*":
            continue
        if name not in properties:
            raise _invalid(place + name)
        if below:
            _require_known(below, document, properties[name], f"{place}{name}/")


def _invalid(selector: str) -> ApiError:
    return ApiError(400, "invalidParameter", f"Invalid field selection {selector[:100]}", "fields")
