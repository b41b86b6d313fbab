"""The API reference: what is served of each document, for people who write programs. Pages for everybody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from api.core.documents import Document, documents, methods_in
from api.core.methods import served
from web.guards import everybody

_PREFIX: Final = "https://www.googleapis.com/auth/"


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of a method, or a field of a resource. place: path or query; limits: what it may be."""

    name: str
    type: str
    place: str = ""
    required: bool = False
    read_only: bool = False
    default: str = ""
    limits: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """A method that is served. scopes: any one of them is enough."""

    id: str
    http_method: str
    path: str
    scopes: tuple[str, ...]
    parameters: tuple[Field, ...]
    request: str
    response: str

    @property
    def anchor(self) -> str:
        return self.id.replace(".", "-")


@dataclass(frozen=True, slots=True)
class Resource:
    """What methods are about: users, groups. name: as the ids of its methods begin."""

    name: str
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """A resource as it is sent and answered."""

    name: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """Everything that is served of one document."""

    name: str
    version: str
    title: str
    resources: tuple[Resource, ...]
    schemas: tuple[Schema, ...]

    @property
    def number(self) -> int:
        """How many methods are served."""
        return sum(len(resource.methods) for resource in self.resources)


@require_safe
@everybody
def api_reference(request: HttpRequest) -> HttpResponse:
    """List the APIs, and say how a program signs in."""
    references = [found for document in documents() if (found := reference_of(document)).number]
    here = settings.CONSOLE_URL.rstrip("/")
    return render(request, "reference/index.html", {"references": references, "console_url": here})


@require_safe
@everybody
def api_reference_of(request: HttpRequest, name: str, version: str) -> HttpResponse:
    """Show what is served of one API: methods with their parameters and scopes, and resources with their fields."""
    for document in documents():
        if (document.name, document.version) == (name, version) and reference_of(document).number:
            return render(request, "reference/api.html", {"reference": reference_of(document)})
    raise Http404


def reference_of(document: Document) -> Reference:
    """Return what is served of a document."""
    return _reference(document, served())


@cache
def _reference(document: Document, ids: frozenset[str]) -> Reference:
    found: dict[str, list[Method]] = {}
    names: dict[str, None] = {}
    for method in methods_in(document.content):
        if method["id"] in ids:
            found.setdefault(method["id"].rpartition(".")[0], []).append(_method(document, method))
            for part in (method.get("request"), method.get("response")):
                names.update(dict.fromkeys(_schemas_below(document, part or {})))
    return Reference(
        name=document.name,
        version=document.version,
        title=document.content.get("title", document.name),
        resources=tuple(Resource(name, tuple(methods)) for name, methods in sorted(found.items())),
        schemas=tuple(Schema(name, tuple(_fields(document.schemas[name]))) for name in sorted(names)),
    )


def _method(document: Document, method: Mapping[str, Any]) -> Method:
    return Method(
        id=method["id"],
        http_method=method["httpMethod"],
        path=f"/{document.content.get('servicePath', '')}{method['path'].replace('{+', '{')}",
        scopes=tuple(scope.removeprefix(_PREFIX) for scope in method.get("scopes", ())),
        parameters=tuple(_parameter(name, schema) for name, schema in method.get("parameters", {}).items()),
        request=method.get("request", {}).get("$ref", ""),
        response=method.get("response", {}).get("$ref", ""),
    )


def _parameter(name: str, schema: Mapping[str, Any]) -> Field:
    return Field(
        name=name,
        type=_type(schema) + ("[]" if schema.get("repeated") else ""),
        place=schema["location"],
        required=bool(schema.get("required")),
        default=str(schema.get("default", "")),
        limits=_limits(schema),
    )


def _fields(schema: Mapping[str, Any]) -> Iterator[Field]:
    for name, part in schema.get("properties", {}).items():
        yield Field(name, _type(part), read_only=bool(part.get("readOnly")), limits=_limits(part))


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"])
    if schema.get("type") == "array":
        return f"{_type(schema['items'])}[]"
    return str(schema.get("format") or schema.get("type", "any"))


def _limits(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return ", ".join(schema["enum"])
    low, high = schema.get("minimum", ""), schema.get("maximum", "")
    return f"{low}–{high}" if low and high else f"≥ {low}" if low else f"≤ {high}" if high else ""


def _schemas_below(document: Document, part: Mapping[str, Any]) -> Iterator[str]:
    """Return the names of the schemas that one is made of, itself first, each once."""
    waiting, seen = [part], set[str]()
    while waiting:
        each = waiting.pop()
        name = each.get("$ref")
        if name and name not in seen:
            seen.add(name)
            yield name
            waiting.append(document.schemas[name])
        waiting += each.get("properties", {}).values()
        waiting += [each[key] for key in ("items", "additionalProperties") if isinstance(each.get(key), dict)]
