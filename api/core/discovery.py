"""The discovery documents as clients read them: with this server in the place of the original's hosts."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from api.core.answers import plain
from api.core.documents import Document, documents
from api.core.errors import ApiError, BadRequest, NotFound

_DIRECTORY: Final = "/discovery/v1/apis"
_PREFERRED: Final = frozenset({"v1", "v2", "directory_v1"})


def is_discovery(path: str) -> bool:
    """Tell whether a path is one of these."""
    return path == "/$discovery/rest" or path.rstrip("/") == _DIRECTORY or path.startswith(_DIRECTORY + "/")


def discovery(request: HttpRequest) -> HttpResponse:
    """Answer with the list of APIs, or with the document of one. Everybody may read them."""
    if request.method not in ("GET", "HEAD"):
        raise ApiError(405, "httpMethodNotAllowed", "Use GET.", headers={"Allow": "GET, HEAD"})
    path = request.path_info.rstrip("/")
    if path == "/$discovery/rest":
        return plain(request, published(_asked(request), request))
    if path == _DIRECTORY:
        return plain(request, _directory(request))
    name, _slash, rest = path.removeprefix(_DIRECTORY + "/").partition("/")
    for document in documents():
        if (document.name, f"{document.version}/rest") == (name, rest):
            return plain(request, published(document, request))
    raise NotFound


def published(document: Document, request: HttpRequest) -> dict[str, Any]:
    """Return a document with the URLs of this server, as the client reached it."""
    root = request.build_absolute_uri("/")
    service_path = document.content.get("servicePath", "")
    return {
        **document.content,
        "rootUrl": root,
        "baseUrl": root + service_path,
        "basePath": f"/{service_path}",
        "batchPath": f"batch/{document.name}/{document.version}",
    }


def _asked(request: HttpRequest) -> Document:
    """Return the document that `/$discovery/rest?version=…` means: where hosts share a version, `api` says which."""
    version, api = request.GET.get("version", ""), request.GET.get("api", "")
    found = [each for each in documents() if each.version == version and api in ("", each.name)]
    if not found:
        raise NotFound("version")
    if len(found) > 1:
        names = ", ".join(each.name for each in found)
        raise BadRequest(f"Say which API: several have this version. Add api= to the query, one of {names}.")
    return found[0]


def _directory(request: HttpRequest) -> dict[str, Any]:
    items = [
        {
            "kind": "discovery#directoryItem",
            "id": document.content.get("id", f"{document.name}:{document.version}"),
            "name": document.name,
            "version": document.version,
            "title": document.content.get("title", document.name),
            "discoveryRestUrl": request.build_absolute_uri(f"{_DIRECTORY}/{document.name}/{document.version}/rest"),
            "preferred": document.version in _PREFERRED,
        }
        for document in documents()
    ]
    return {"kind": "discovery#directoryList", "discoveryVersion": "v1", "items": items}
