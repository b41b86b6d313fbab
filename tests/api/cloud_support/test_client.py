"""The original's own client, google-api-python-client, on both versions of the Support API (X5)."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaInMemoryUpload, MediaIoBaseDownload

from accounts.models import AuditEvent
from support.models import Attachment, Case
from tests.api.cloud_support.world import TOLD, parent_of
from tests.api.google import service
from tests.api.machines import machine
from tests.cast import Cast


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.mark.parametrize("version", ["v2", "v2beta"])
def test_X5_the_client_does_everything_with_a_case(cast: Cast, version: str) -> None:
    support = service(Client(), machine(cast.acme.support_manager), "cloudsupport", version)
    parent = parent_of(cast.acme.customer)
    found = support.caseClassifications().search(query='display_name:"*Mail arrives*"').execute()
    [classification] = found["caseClassifications"]
    sent = TOLD | {"classification": classification, "testCase": True, "creator": {"displayName": "Not I"}}
    case = support.cases().create(parent=parent, body=sent).execute()
    name = case["name"]
    assert support.cases().get(name=name).execute() == case
    assert support.cases().list(parent=parent, filter="state=OPEN").execute()["cases"] == [case]
    if version == "v2":
        assert support.cases().search(parent=parent, query="hours").execute()["cases"] == [case]
    else:
        query = f'organization="{parent}" AND hours'
        assert support.cases().search(query=query).execute()["cases"] == [case]
    body = {"displayName": "Mail is lost", "priority": "P1"}
    case = support.cases().patch(name=name, updateMask="displayName", body=body).execute()
    assert (case["displayName"], case["priority"]) == ("Mail is lost", "P2")
    reason = {"escalation": {"reason": "TECHNICAL_EXPERTISE", "justification": "An expert, please."}}
    assert support.cases().escalate(name=name, body=reason).execute()["escalated"] is True
    said = support.cases().comments().create(parent=name, body={"body": "Since Monday"}).execute()
    assert support.cases().comments().list(parent=name).execute() == {"comments": [said]}
    assert support.cases().comments().get(name=said["name"]).execute() == said
    file = _upload(support, name)
    assert support.cases().attachments().list(parent=name).execute() == {"attachments": [file]}
    assert support.cases().attachments().get(name=file["name"]).execute() == file
    assert _downloaded(support, file["name"]) == b"hello"
    if version == "v2beta":
        feed = support.cases().showFeed(parent=name).execute()["feedItems"]
        assert [item.get("comment") or item["attachment"] for item in feed] == [said, file]
    assert support.cases().close(name=name, body={}).execute()["state"] == "CLOSED"
    by_machine = AuditEvent.objects.filter(name="CREATE_CASE").values_list("actor_email", "client_name")
    assert list(by_machine) == [("bob@acme.example", by_machine[0][1])] and by_machine[0][1]


def _upload(support: Any, name: str) -> Any:
    content = MediaInMemoryUpload(b"hello", mimetype="text/html")
    body = {"attachment": {"filename": "hello.txt"}}
    return support.media().upload(parent=name, body=body, media_body=content).execute()


def _downloaded(support: Any, name: str) -> bytes:
    into = BytesIO()
    loader, done = MediaIoBaseDownload(into, support.media().download_media(name=name)), False
    while not done:
        _status, done = loader.next_chunk()
    return into.getvalue()


def test_a_file_sent_alone_is_named_in_the_url_and_one_in_pieces_is_put_together(cast: Cast) -> None:
    token = machine(cast.acme.support_manager)
    headers = {"Authorization": f"Bearer {token}"}
    case = service(Client(), token, "cloudsupport", "v2").cases().create(
        parent=parent_of(cast.acme.customer), body=TOLD
    ).execute()  # fmt: skip
    url = f"/upload/v2/{case['name']}/attachments"
    # As the original's reference uploads with curl.
    answer = Client().post(f"{url}?attachment.filename=curl.txt", b"from curl", "text/plain", headers=headers)
    assert (answer.status_code, answer.json()["filename"]) == (200, "curl.txt"), answer.content
    begun = Client().post(
        f"{url}?uploadType=resumable", json.dumps({"attachment": {"filename": "big.txt"}}), "application/json",
        headers=headers | {"X-Upload-Content-Length": "6"},
    )  # fmt: skip
    place = begun["Location"].removeprefix("http://testserver")
    first = Client().put(place, b"abc", "text/plain", headers=headers | {"Content-Range": "bytes 0-2/6"})
    last = Client().put(place, b"def", "text/plain", headers=headers | {"Content-Range": "bytes 3-5/6"})
    assert (first.status_code, last.status_code) == (308, 200), last.content
    assert (last.json()["filename"], last.json()["sizeBytes"]) == ("big.txt", "6")
    assert Attachment.objects.count() == 2


def test_errors_are_those_of_the_newer_apis_of_the_original(cast: Cast) -> None:
    """A status in words, and no list of errors: google.rpc.Status (AIP-193)."""
    support = service(Client(), machine(cast.acme.support_manager), "cloudsupport", "v2")
    parent = parent_of(cast.acme.customer)
    cases = support.cases()
    for asked, status, word in (
        (cases.get(name=f"{parent}/cases/1"), 404, "NOT_FOUND"),
        (cases.list(parent="projects/acme"), 404, "NOT_FOUND"),
        (cases.list(parent=parent, filter="colour=red"), 400, "INVALID_ARGUMENT"),
        (cases.list(parent=parent, pageToken="x"), 400, "INVALID_ARGUMENT"),
        (cases.create(parent=parent, body={}), 400, "INVALID_ARGUMENT"),
        (cases.list(parent=parent_of(cast.globex.customer)), 404, "NOT_FOUND"),
    ):
        with pytest.raises(HttpError) as error:
            asked.execute()
        said = json.loads(error.value.content)["error"]
        assert (said["code"], said["status"]) == (status, word)
        assert "errors" not in said
    nobody = service(Client(), machine(cast.acme.nobody), "cloudsupport", "v2")
    with pytest.raises(HttpError) as error:
        nobody.cases().list(parent=parent).execute()
    assert json.loads(error.value.content)["error"]["status"] == "PERMISSION_DENIED"
    assert not Case.objects.exists()


def test_what_is_not_served_says_so(cast: Cast) -> None:
    parent = parent_of(cast.acme.customer)
    answer = Client().get(
        f"/v2/{parent}/supportEventSubscriptions",
        headers={"Authorization": f"Bearer {machine(cast.acme.super_admin)}"},
    )
    assert answer.status_code == 501
