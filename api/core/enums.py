"""Enums as numbers, for generated clients that ask for `$alt=json;enum-encoding=int`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.core.documents import Document


def numbered(value: Any, document: Document, schema: Mapping[str, Any]) -> Any:
    """Return a value of a schema with the places of enums in the document for their names."""
    schema = document.resolved(schema)
    if isinstance(value, list):
        return [numbered(each, document, schema.get("items", {})) for each in value]
    if isinstance(value, dict):
        parts, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        return {name: numbered(each, document, parts.get(name, others)) for name, each in value.items()}
    if "enum" in schema and value in schema["enum"]:
        return schema["enum"].index(value)
    return value
