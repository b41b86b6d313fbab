"""The documents: written at set-up, published with this server's URLs, and complete (decision 47, X5)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from api.core.documents import documents, endpoints, missing
from api.core.prefixes import CALLS
from api.core.routing import route
from api.core.trimming import NAMES, trim_all, trimmed
from reseller_console.local import places
from tests.api.google import Http, all_documents, service
from tests.api.machines import machine
from tests.api.serving import Caller


def rest(name: str, version: str) -> dict[str, Any]:
    found: dict[str, Any] = Client().get(f"/discovery/v1/apis/{name}/{version}/rest").json()
    return found


@pytest.mark.parametrize(("name", "version"), all_documents())
def test_X5_the_client_of_the_original_is_built_from_every_document(name: str, version: str) -> None:
    assert service(Client(), "", name, version)
    document = rest(name, version)
    assert document["rootUrl"] == "http://testserver/"
    assert document["baseUrl"].startswith("http://testserver/")
    assert document["batchPath"] == f"batch/{name}/{version}"
    assert "googleapis.com" not in json.dumps({**document, "auth": {}, "resources": {}, "schemas": {}})


def test_the_directory_lists_every_document() -> None:
    listed = Client().get("/discovery/v1/apis").json()
    assert listed["kind"] == "discovery#directoryList"
    assert {(item["name"], item["version"]) for item in listed["items"]} == set(all_documents())
    for item in listed["items"]:
        assert Client().get(item["discoveryRestUrl"]).json()["id"] == item["id"]


@pytest.mark.parametrize(
    ("query", "status", "title"),
    [
        ("version=directory_v1", 200, "Admin SDK API"),
        ("version=v2beta", 200, "Google Cloud Support API"),
        ("api=reseller&version=v1", 200, "Google Workspace Reseller API"),
        ("version=v1", 400, ""),
        ("version=v9", 404, ""),
        ("api=reseller&version=v2", 404, ""),
        ("", 404, ""),
    ],
)
def test_a_document_is_found_by_its_version_and_where_several_share_it_by_its_api(
    query: str, status: int, title: str
) -> None:
    answer = Client().get(f"/$discovery/rest?{query}")
    assert (answer.status_code, answer.json().get("title", "")) == (status, title)


def test_documents_are_read_only_and_open_to_everybody() -> None:
    assert Client().post("/discovery/v1/apis").status_code == 405
    assert Client().get("/discovery/v1/apis/nothing/v1/rest").status_code == 404


def example(pattern: str) -> str:
    """Text that fits the pattern of a parameter in a path."""
    if r"\d" in pattern:
        return "2026-11-30"
    return pattern.strip("^$").replace("[^/]+", "7").replace(".*", "a/b") or "7"


def test_every_method_of_every_document_is_found_at_its_own_paths() -> None:
    for endpoint in endpoints():
        path = endpoint.path.replace("{+", "{")
        for name, schema in endpoint.parameters.items():
            path = path.replace(f"{{{name}}}", example(schema.get("pattern", "")))
        found = route(endpoint.http_method, f"/{path}")
        assert found, (endpoint.id, path)
        assert (found.endpoint.document, found.endpoint.id) == (endpoint.document, endpoint.id), path
        assert f"/{endpoint.path}".startswith(CALLS), endpoint.path


def test_documents_of_the_original_hold_names_and_types_and_no_prose() -> None:
    for name in NAMES:
        text = Path(settings.API_DOCUMENTS, f"{name}.json").read_text(encoding="utf-8")
        assert not json.loads(text).keys() & {"description", "documentationLink", "icons"}
        assert '"enumDescriptions"' not in text


def test_a_field_that_is_called_description_stays() -> None:
    schema = {"description": "prose", "properties": {"description": {"type": "string", "description": "prose"}}}
    assert trimmed(schema) == {"properties": {"description": {"type": "string"}}}
    [group] = [document.schemas["Group"] for document in documents() if document.version == "directory_v1"]
    assert "description" in group["properties"]


def test_set_up_writes_the_documents_without_django_and_once(tmp_path: Path) -> None:
    script = places.CHECKOUT / "api/core/trimming.py"
    subprocess.run([sys.executable, script, tmp_path], check=True)
    assert {path.name for path in tmp_path.iterdir()} == {f"{name}.json" for name in NAMES}
    assert trim_all(tmp_path) == []
    (tmp_path / "reseller.v1.json").write_text("{}")
    assert trim_all(tmp_path) == ["reseller.v1"]


def test_missing_documents_are_named_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with override_settings(API_DOCUMENTS=tmp_path):
        assert missing() == [f"{name}.json" for name in NAMES]
        call_command("compile_documents", verbosity=1)
        assert missing() == []
    assert capsys.readouterr().out.count("wrote") == len(NAMES)


def test_no_document_of_the_original_is_in_the_repository() -> None:
    folder = Path(settings.API_DOCUMENTS).relative_to(places.CHECKOUT).as_posix()
    assert f"/{folder}/" in (places.CHECKOUT / ".gitignore").read_text().splitlines()


def test_X5_the_client_of_the_original_over_a_socket(
    transactional_db: None, live_server: LiveServer, ana: User, units: Caller
) -> None:
    """Everything as it is: HTTP, the document from the server, the token in a header, packed answers."""
    http = Http(live_server, machine(ana))
    found = service(live_server, machine(ana), "admin", "directory_v1", http).orgunits().list(customerId="my_customer")
    assert [unit["name"] for unit in found.execute()["organizationUnits"]] == ["Sales", "Éditions"]
