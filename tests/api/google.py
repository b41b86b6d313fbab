"""The original's own Python client, pointed at this server by its documents; each answer fits its document."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import fastjsonschema
import httplib2
from django.test import Client
from googleapiclient.discovery import build
from googleapiclient.http import build_http
from pytest_django.live_server_helper import LiveServer

from api.core.documents import Document, Endpoint, documents
from api.core.routing import route

_FORMATS = {
    "int64": r"^-?\d+$",
    "uint64": r"^\d+$",
    "date-time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
    "google-datetime": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$",
    "date": r"^\d{4}-\d\d-\d\d$",
}


@dataclass
class Http:
    """What the client sends with: a token, and each answer looked at. calls: what it sent, as method and URL.

    server: a server on a socket; a client of Django answers in this process, through the whole stack.
    """

    server: LiveServer | Client
    token: str = ""
    calls: list[tuple[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    redirect_codes: frozenset[int] = frozenset({301, 302, 303, 307})

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None, **_more: Any
    ) -> tuple[httplib2.Response, bytes]:
        """Send a request as httplib2 does."""
        self.calls.append((method, uri))
        sent = {**(headers or {}), **self.headers}
        if self.token:
            sent["authorization"] = f"Bearer {self.token}"
        body = body.read() if hasattr(body, "read") else body
        if isinstance(self.server, Client):
            response, content = self._in_process(self.server, uri, method, body or b"", sent)
        else:
            response, content = build_http().request(uri, method=method, body=body, headers=sent)
        if response.status == 200 and "json" in response.get("content-type", ""):
            override = {name.lower(): value for name, value in sent.items()}.get("x-http-method-override", method)
            require_fit(override, uri, json.loads(content))
        return response, content

    def close(self) -> None:
        """Nothing is left open."""

    @staticmethod
    def _in_process(
        client: Client, uri: str, method: str, body: Any, sent: dict[str, str]
    ) -> tuple[httplib2.Response, bytes]:
        place = urlsplit(uri)
        kind = next((value for name, value in sent.items() if name.lower() == "content-type"), "application/json")
        # A client in this process unpacks nothing.
        left_out = ("content-type", "accept-encoding")
        others = {name: value for name, value in sent.items() if name.lower() not in left_out}
        raw = body.encode() if isinstance(body, str) else body
        answer = client.generic(
            method, place.path, raw, kind, query_params=None, headers=others, QUERY_STRING=place.query
        )
        response = httplib2.Response({**{name.lower(): value for name, value in answer.headers.items()}})
        response.status = answer.status_code
        response.reason = answer.reason_phrase
        content: bytes = b"".join(answer) if answer.streaming else answer.content
        return response, content


def service(server: LiveServer | Client, token: str, name: str, version: str, http: Http | None = None) -> Any:
    """Return google-api-python-client for one API of this server, with a token."""
    http = http or Http(server, token)
    root = "http://testserver" if isinstance(server, Client) else server.url
    return build(
        name,
        version,
        http=http,
        discoveryServiceUrl=f"{root}/discovery/v1/apis/{{api}}/{{apiVersion}}/rest",
        static_discovery=False,
        cache_discovery=False,
    )


def require_fit(method: str, uri: str, answer: Any) -> None:
    """Fail where an answer is not what its document says."""
    place = urlsplit(uri)
    found = route(method, place.path)
    if found is None or "fields=" in place.query or "enum-encoding" in place.query:
        return
    if found.endpoint.response:
        _validator(found.endpoint)(answer)


@cache
def _validator(endpoint: Endpoint) -> Any:
    name = endpoint.content["response"]["$ref"]
    return fastjsonschema.compile({**_definitions(endpoint.document), "$ref": f"#/definitions/{name}"})


@cache
def _definitions(document: Document) -> dict[str, Any]:
    """Return the schemas of a document as JSON Schema, in which nothing may be that they do not name."""
    return {"definitions": {name: _strict(schema) for name, schema in document.schemas.items()}}


def _strict(schema: Any) -> dict[str, Any]:
    if "$ref" in schema:
        return {"$ref": f"#/definitions/{schema['$ref']}"}
    kind = schema.get("type", "any")
    found: dict[str, Any] = {} if kind == "any" else {"type": kind}
    if "enum" in schema:
        found["enum"] = list(schema["enum"])
    if pattern := _FORMATS.get(schema.get("format", "")):
        found["pattern"] = pattern
    if kind == "array":
        found["items"] = _strict(schema["items"])
    if kind == "object":
        found["properties"] = {name: _strict(part) for name, part in schema.get("properties", {}).items()}
        others = schema.get("additionalProperties")
        found["additionalProperties"] = _strict(others) if others else False
    return found


def all_documents() -> list[tuple[str, str]]:
    """The APIs that there are, by name and version."""
    return [(document.name, document.version) for document in documents()]
