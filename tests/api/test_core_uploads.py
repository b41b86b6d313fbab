"""Files that come with a call: simple, with the call in front, and in pieces (X5)."""

from __future__ import annotations

import hashlib
import io
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client, override_settings
from googleapiclient.http import MediaIoBaseDownload, MediaIoBaseUpload

from accounts.models import ApiUpload, ApiUploadPart, User
from accounts.tasks import clear_expired_sessions
from api.core.call import Call
from tests.api.google import Http, service
from tests.api.machines import machine
from tests.api.serving import Caller, serve_only

CASE = "organizations/123456789012/cases/7"
UPLOAD = f"/upload/v2/{CASE}/attachments"
CONTENT = bytes(range(256)) * 4_000 + b"\r\n--\r\n"


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, ana: User) -> list[tuple[Any, ...]]:
    """What arrived: the parent, the name, the type, the size and the digest of the bytes."""
    arrived: list[tuple[Any, ...]] = []

    def upload(call: Call) -> dict[str, Any]:
        assert call.media is not None
        content, name = call.media.open().read(), call.body.get("attachment", {}).get("filename", "")
        assert call.media.size == len(content)
        arrived.append((call.params["parent"], name, call.media.content_type, hashlib.sha256(content).hexdigest()))
        return {"name": f"{CASE}/attachments/1", "filename": name, "sizeBytes": str(len(content))}

    serve_only(monkeypatch, {"cloudsupport.media.upload": upload})
    return arrived


@pytest.fixture
def program(kept: list[tuple[Any, ...]], ana: User) -> Caller:
    return Caller.of(ana)


def digest(content: bytes = CONTENT) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("version", "chunk", "resumable"), [("v2", -1, False), ("v2beta", -1, True), ("v2", 262_144, True)]
)
def test_X5_the_client_of_the_original_sends_a_file(
    kept: list[tuple[Any, ...]], ana: User, version: str, chunk: int, resumable: bool
) -> None:
    http = Http(Client(), machine(ana))
    media = MediaIoBaseUpload(io.BytesIO(CONTENT), "image/png", chunksize=chunk, resumable=resumable)
    client = service(Client(), machine(ana), "cloudsupport", version, http)
    answer = (
        client.media().upload(parent=CASE, body={"attachment": {"filename": "screen.png"}}, media_body=media).execute()
    )
    assert answer["sizeBytes"] == str(len(CONTENT))
    assert kept == [(CASE, "screen.png", "image/png", digest())]
    assert sum(method == "PUT" for method, _uri in http.calls) == (0 if not resumable else 1 if chunk < 0 else 4)
    assert not ApiUpload.objects.exists() and not ApiUploadPart.objects.exists()


def test_a_file_comes_as_it_is_with_its_name_in_the_url(program: Caller, kept: list[tuple[Any, ...]]) -> None:
    """As the documentation of the original's API sends one with curl."""
    answer = program.send(
        "POST", f"{UPLOAD}?attachment.filename=a%20b.txt&uploadType=media", CONTENT, kind="text/plain"
    )
    assert answer.status_code == 200
    assert kept == [(CASE, "a b.txt", "text/plain", digest())]


def test_a_file_in_pieces_may_have_its_name_in_the_url_too(program: Caller, kept: list[tuple[Any, ...]]) -> None:
    begun_at = f"/resumable{UPLOAD}?uploadType=resumable&attachment.filename=a.txt"
    place = urlsplit(program.send("POST", begun_at).headers["Location"])
    assert program.send("PUT", f"{place.path}?{place.query}", CONTENT, kind="text/plain").status_code == 200
    assert kept == [(CASE, "a.txt", "text/plain", digest())]


def test_a_call_without_its_file_is_told_where_to_send_it(program: Caller, kept: list[tuple[Any, ...]]) -> None:
    answer = program.send("POST", UPLOAD.removeprefix("/upload"), {"attachment": {"filename": "a.txt"}})
    assert (answer.status_code, UPLOAD in answer.json()["error"]["message"]) == (400, True)
    assert not kept


def begun(program: Caller, **headers: str) -> str:
    body = {"attachment": {"filename": "a.har"}}
    sent = {"X_Upload_Content_Type": "application/json", **headers}
    answer = program.send("POST", f"{UPLOAD}?uploadType=resumable", body, **sent)
    assert (answer.status_code, answer.content) == (200, b"")
    place = urlsplit(answer.headers["Location"])
    return f"{place.path}?{place.query}"


def put(program: Caller, place: str, content: bytes, held: str) -> Any:
    return program.send("PUT", place, content, kind="application/json", Content_Range=held)


def test_what_was_cut_off_goes_on_where_it_stopped(program: Caller, kept: list[tuple[Any, ...]]) -> None:
    place = begun(program, X_Upload_Content_Length="10")
    none_yet = put(program, place, b"", "bytes */10")
    assert (none_yet.status_code, "Range" in none_yet.headers) == (308, False)
    assert put(program, place, b"0123", "bytes 0-3/10").headers["Range"] == "bytes=0-3"
    assert put(program, place, b"", "bytes */*").headers["Range"] == "bytes=0-3"
    # What is there already is not taken twice, and what lies behind a gap is not taken.
    assert put(program, place, b"2345", "bytes 2-5/10").headers["Range"] == "bytes=0-5"
    assert put(program, place, b"9", "bytes 9-9/10").headers["Range"] == "bytes=0-5"
    assert put(program, place, b"6789", "bytes 6-9/10").status_code == 200
    assert kept == [(CASE, "a.har", "application/json", digest(b"0123456789"))]
    assert put(program, place, b"", "bytes */10").status_code == 404


def test_a_file_whose_size_is_not_known_ends_with_its_last_piece(program: Caller, kept: list[tuple[Any, ...]]) -> None:
    place = begun(program)
    assert put(program, place, b"0123", "bytes 0-3/*").status_code == 308
    assert put(program, place, b"45", "bytes 4-5/6").status_code == 200
    assert kept[0][3] == digest(b"012345")


@pytest.mark.parametrize(
    "held",
    [
        "bytes 0-4/10",
        "bytes 3-0/10",
        "bytes 0-3/2",
        "bytes a-b/c",
        "lines 0-3/10",
        "bytes 0-3",
        "bytes 0-3/" + "9" * 30,
    ],
)
def test_a_range_that_cannot_be_is_refused(program: Caller, held: str) -> None:
    answer = put(program, begun(program), b"0123", held)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_X2_nobody_else_goes_on_with_a_file(program: Caller, ana: User, kept: list[tuple[Any, ...]]) -> None:
    place = begun(program)
    assert put(Caller.of(ana), place, b"0", "bytes 0-0/1").status_code == 404
    assert put(Caller(), place, b"0", "bytes 0-0/1").status_code == 401
    elsewhere = place.replace("cases/7", "cases/8")
    assert put(program, elsewhere, b"0", "bytes 0-0/1").status_code == 404
    assert not kept
    assert put(program, place, b"0", "bytes 0-0/1").status_code == 200


def test_a_file_that_was_not_finished_within_its_hour_is_gone(program: Caller, kept: list[tuple[Any, ...]]) -> None:
    place = begun(program)
    put(program, place, b"0", "bytes 0-0/2")
    ApiUpload.objects.update(ends_at=Now())
    assert put(program, place, b"1", "bytes 1-1/2").status_code == 404
    begun(program)
    assert (ApiUpload.objects.count(), ApiUploadPart.objects.count()) == (1, 0)


def test_the_hourly_sweep_forgets_the_files_that_were_not_finished(program: Caller) -> None:
    """Also those of a machine that never sends another one."""
    over, lasts = begun(program), begun(program)
    put(program, over, b"0", "bytes 0-0/2")
    put(program, lasts, b"0", "bytes 0-0/2")
    ApiUpload.objects.filter(pk=ApiUpload.objects.order_by("pk").values("pk")[:1]).update(ends_at=Now())
    clear_expired_sessions()
    assert (ApiUpload.objects.count(), ApiUploadPart.objects.count()) == (1, 1)
    assert put(program, lasts, b"1", "bytes 1-1/2").status_code == 200


def test_ten_files_at_a_time_and_no_more(program: Caller) -> None:
    for _ in range(10):
        begun(program)
    answer = program.send("POST", f"{UPLOAD}?uploadType=resumable", {})
    assert answer.status_code == 400
    assert ApiUpload.objects.count() == 10


@override_settings(ATTACHMENT_MB=1)
def test_a_file_that_is_too_large_is_refused_however_it_comes(program: Caller, kept: list[tuple[Any, ...]]) -> None:
    large = b"x" * (1024 * 1024 + 1)
    related = b"--b\r\n\r\n{}\r\n--b\r\n\r\n" + large + b"\r\n--b--"
    place = begun(program)
    resumable = f"{UPLOAD}?uploadType=resumable"
    assert [
        program.send("POST", UPLOAD, large, kind="text/plain").status_code,
        program.send("POST", UPLOAD, related, kind="multipart/related; boundary=b").status_code,
        program.send("POST", resumable, {}, X_Upload_Content_Length=str(len(large))).status_code,
        put(program, place, large, f"bytes 0-{len(large) - 1}/{len(large)}").status_code,
        put(program, place, b"x", f"bytes 0-0/{len(large)}").status_code,
    ] == [413] * 5
    assert not kept


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"--b\r\n\r\n{}\r\n--b--", "multipart/related; boundary=b"),
        (b"--b\r\n\r\n{}\r\n--b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--", "multipart/related; boundary=b"),
        (b"--b\r\n\r\n{no JSON\r\n--b\r\n\r\nx\r\n--b--", "multipart/related; boundary=b"),
        (b"--b\r\n\r\n{}\r\n--b\r\n\r\nx", "multipart/related; boundary=b"),
        (b"nothing", "multipart/related; boundary=b"),
        (b"nothing", "multipart/related"),
        (b"nothing", "multipart/related; boundary=" + "b" * 80),
    ],
)
def test_parts_that_cannot_be_read_are_refused(program: Caller, kept: list[Any], body: bytes, kind: str) -> None:
    assert program.send("POST", f"{UPLOAD}?uploadType=multipart", body, kind=kind).status_code == 400
    assert not kept


def test_a_refusal_of_the_method_keeps_the_pieces_that_were_there(
    program: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_call: Call) -> None:
        raise PermissionError

    place = begun(program)
    put(program, place, b"0", "bytes 0-0/2")
    serve_only(monkeypatch, {"cloudsupport.media.upload": refuse})
    assert put(program, place, b"1", "bytes 1-1/2").status_code == 500
    assert put(program, place, b"", "bytes */2").headers["Range"] == "bytes=0-0"


def test_X5_the_client_of_the_original_reads_a_file(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(call: Call) -> Any:
        if call.alt != "media":
            return {}
        return HttpResponse(CONTENT, content_type="application/octet-stream")

    serve_only(monkeypatch, {"cloudsupport.media.download": download})
    client = service(Client(), machine(ana), "cloudsupport", "v2")
    request = client.media().download_media(name=f"{CASE}/attachments/1")
    file = io.BytesIO()
    download_of = MediaIoBaseDownload(file, request)
    while not download_of.next_chunk()[1]:
        pass
    assert file.getvalue() == CONTENT
    assert client.media().download(name=f"{CASE}/attachments/1").execute() == {}
