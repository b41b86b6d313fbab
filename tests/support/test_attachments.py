"""Uploads: what is accepted, how it lies on disk, and that nothing of it ever runs in a browser (S11)."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.errors import Refused
from accounts.models import AuditEvent
from accounts.names import readable_file_name
from support import cases
from support.attachments import NAME_MAX_LENGTH, check
from support.models import Attachment, Case
from tests.cast import Cast
from tests.client import content_of as whole
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.client import url_of as url
from tests.support.world import acting, attach, make_case, path_of, sent

# The limits of settings.py: bytes of a file, files of a form and of a case.
SIZE_AT_MOST, FILES_AT_MOST, FILES_OF_A_CASE = 25 * 1024 * 1024, 10, 20
PNG, GIF, JPEG = b"\x89PNG\r\n\x1a\n" + b"x" * 20, b"GIF89a" + b"x" * 20, b"\xff\xd8\xff\xe0" + b"x" * 20
SCRIPT = b"<script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HAR = json.dumps(
    {
        "log": {
            "entries": [{"request": {"headers": [{"name": "Cookie", "value": "SECRET"}], "cookies": [{"name": "a"}]}}]
        }
    }
).encode()


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def on_disk(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def packed(*names: str, content: bytes = b"inside") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return buffer.getvalue()


def tar(name: str, content: bytes = b"inside") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.png", PNG, "image/png"),
        ("a.html", PNG, "image/png"),
        ("a.jpg", JPEG, "image/jpeg"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("a.pdf", b"%PDF-1.7\n" + SCRIPT, "application/pdf"),
        ("page.html", b"<!doctype html>" + SCRIPT, "text/plain"),
        ("picture.svg", SVG, "text/plain"),
        ("picture.png", SVG, "text/plain"),
        ("feed.xml", b"<?xml version='1.0'?><a/>", "text/plain"),
        ("utf16.html", "<html>".encode("utf-16"), "text/plain"),
        ("log.txt", "Été\n".encode(), "text/plain"),
        ("gif-and-script.html", GIF + SCRIPT, "image/gif"),
        ("dump.bin", b"\x00\x01\x02\xff", "application/octet-stream"),
        ("latin.txt", b"\xe9t\xe9", "application/octet-stream"),
        ("logs.zip", packed("a.log"), "application/zip"),
        ("zip-and-html.html", packed("a.log") + SCRIPT, "application/zip"),
        ("report.docx", packed("word/document.xml"), "application/zip"),
        ("logs.tar.gz", tar("app.log"), "application/gzip"),
        ("cut-off.log.gz", b"\x1f\x8b" + b"x" * 20, "application/gzip"),
    ],
)
def test_the_type_is_told_by_the_content_and_never_one_that_a_browser_runs(
    name: str, content: bytes, media_type: str
) -> None:
    [checked] = check([sent(name, content)])
    assert (checked.media_type, b"".join(checked.chunks())) == (media_type, content)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.txt", b"", "is empty"),
        ("setup.png", b"MZ\x90\x00" + b"x" * 20, "is a program"),
        ("tool", b"\x7fELF" + b"x" * 20, "is a program"),
        ("big.txt", b"x" * (SIZE_AT_MOST + 1), "is larger than 25 MB"),
        ("network.zip", packed("a.log", "deep/Network.HAR"), "contains a HAR file"),
        ("network.zip", packed("a.json", content=HAR), "contains a HAR file"),
        ("network.zip", packed("a.json", content=HAR.decode().encode("utf-16")), "contains a HAR file"),
        ("network.tgz", tar("deep/network.har"), "contains a HAR file"),
        ("network.tgz", tar("a.json", content=HAR), "contains a HAR file"),
        ("network.gz", gzip.compress(HAR), "contains a HAR file"),
        ("network.bin", bz2.compress(HAR), "contains a HAR file"),
        ("network.xz", lzma.compress(HAR), "contains a HAR file"),
        ("cut-off.gz", gzip.compress(HAR + b" " * 1000)[:-9], "contains a HAR file"),
        ("network.har.gz", b"\x1f\x8b" + b"x" * 20, "contains a HAR file"),
        ("broken.zip", b"PK\x03\x04" + b"x" * 20, "is a broken archive"),
        ("broken.har", HAR[:-3], "cannot be read"),
        ("broken.txt", HAR.replace(b'"Cookie"', b'"request"')[:-3] + b'"entries"', "cannot be read"),
        ("not-one.har", b"hello", "cannot be read"),
        ("image.har", PNG, "cannot be read"),
    ],
)
def test_what_is_refused_is_refused_with_its_name_and_why(name: str, content: bytes, why: str) -> None:
    with pytest.raises(Refused) as refused:
        check([sent(name, content)])
    assert why in refused.value.message
    assert name in refused.value.message
    assert refused.value.field == "files"


def test_exactly_25_MB_and_ten_files_are_accepted_and_eleven_are_not() -> None:
    assert check([sent("a.bin", b"\0" * SIZE_AT_MOST)])
    assert len(check([sent("a.txt", b"a")] * FILES_AT_MOST)) == FILES_AT_MOST
    with pytest.raises(Refused):
        check([sent("a.txt", b"a")] * (FILES_AT_MOST + 1))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("/etc/shadow", "shadow"),
        ("..", "file"),
        ("", "file"),
        ("a\r\nSet-Cookie: x=1.txt", "a Set-Cookie x=1.txt"),
        ("a\0b.txt", "ab.txt"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ('quote".txt', "quote.txt"),
        ("<b>.txt", "b.txt"),
        ("été 日本.png", "été 日本.png"),
        ("x" * 300 + ".png", "x" * 146 + ".png"),
    ],
)
def test_a_name_has_no_path_and_nothing_that_misleads(typed: str, kept: str) -> None:
    assert readable_file_name(typed, NAME_MAX_LENGTH) == kept


@pytest.mark.parametrize("name", ["a.har", "a.txt", "a.json", "a"])
def test_a_har_file_is_stripped_before_it_is_stored_whatever_its_name(cast: Cast, media: Path, name: str) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    client = signed_in(cast.acme.support_manager)
    page = url("support_case", cast.acme.customer, case_id=case.pk)
    done = client.post(page, {"verb": "comment", "files": sent(name, HAR)}, follow=True)
    assert "2 cookies, headers and tokens were removed" in text(done)
    assert "2 secrets removed" in text(done)
    [stored] = on_disk(media)
    assert b"SECRET" not in stored.read_bytes()
    attachment = Attachment.objects.get()
    assert (attachment.stripped, attachment.media_type) == (2, "application/json")
    assert attachment.size == stored.stat().st_size


def test_a_file_lies_under_a_random_name_that_only_we_read(cast: Cast, media: Path) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    cases.comment(
        actor=acting(cast.acme.support_manager),
        case_id=case.pk,
        text="",
        files=check([sent("../../evil.html", SCRIPT)]),
    )
    attachment = Attachment.objects.get()
    [stored] = on_disk(media)
    assert stored == path_of(attachment.pk)
    assert "evil" not in str(stored)
    assert stored.stat().st_mode & 0o777 == 0o600
    assert (attachment.name, attachment.media_type) == ("evil.html", "text/plain")


def test_a_file_whose_case_was_not_saved_leaves_nothing_on_disk(cast: Cast, media: Path) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    cases.close(actor=acting(cast.acme.support_manager), case_id=case.pk)
    with pytest.raises(Refused):
        cases.comment(
            actor=acting(cast.acme.support_manager), case_id=case.pk, text="", files=check([sent("a.txt", b"a")])
        )
    assert on_disk(media) == []


def test_a_case_has_twenty_files_at_most_however_they_arrive(cast: Cast, media: Path) -> None:
    person = cast.acme.support_manager
    case = make_case(cast.acme.customer, person)
    for number in (10, 8):
        attach(case, person, *[b"a"] * number)
    with pytest.raises(Refused) as refused:
        attach(case, person, b"a", b"a", b"a")
    assert (refused.value.field, "at most 20 files" in refused.value.message) == ("files", True)
    assert "room for 2" in refused.value.message
    assert (case.attachments.count(), len(on_disk(media))) == (18, 18)


def test_a_person_attaches_so_much_within_a_day_over_all_cases(cast: Cast, media: Path, settings: Any) -> None:
    settings.ATTACHMENT_MB_PER_PERSON_AND_DAY = 2
    person = cast.acme.support_manager
    first, second = (make_case(cast.acme.customer, person) for _ in range(2))
    attach(first, person, b"a" * 1_500_000)
    with pytest.raises(Refused) as refused:
        attach(second, person, b"a" * 800_000)
    assert "You can attach 2 MB within 24 hours, and 0 MB of that are left." in refused.value.message
    assert len(on_disk(media)) == 1
    attach(second, cast.acme.super_admin, b"a" * 800_000)
    Attachment.objects.filter(uploaded_by=person).update(uploaded_at=Now() - timedelta(hours=25))
    attach(second, person, b"a" * 800_000)


def test_the_cases_of_a_customer_take_so_much_within_a_day_whoever_attaches(
    cast: Cast, media: Path, settings: Any
) -> None:
    settings.ATTACHMENT_MB_PER_CUSTOMER_AND_DAY = 2
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    attach(case, cast.acme.support_manager, b"a" * 1_500_000)
    with pytest.raises(Refused) as refused:
        attach(case, cast.acme.super_admin, b"a" * 800_000)
    assert "2 MB can be attached to a customer's cases within 24 hours" in refused.value.message
    other = make_case(cast.globex.customer, cast.globex.support_manager)
    attach(other, cast.globex.support_manager, b"a" * 800_000)


@pytest.mark.parametrize(("name", "content"), [("page.html", SCRIPT), ("picture.svg", SVG), ("a.png", PNG)])
def test_a_file_is_always_a_download_in_a_sandbox(cast: Cast, name: str, content: bytes) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    client = signed_in(cast.acme.support_manager)
    client.post(
        url("support_case", cast.acme.customer, case_id=case.pk), {"verb": "comment", "files": sent(name, content)}
    )
    attachment = Attachment.objects.get()
    address = url("support_case_file", cast.acme.customer, case_id=case.pk, file_id=attachment.pk)
    assert client.get(address)["Location"] == url("support_case", cast.acme.customer, case_id=case.pk)
    response = client.post(address)
    assert whole(response) == content
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Content-Type"].partition(";")[0] in {"text/plain", "image/png"}
    assert AuditEvent.objects.filter(name="DOWNLOAD_CASE_ATTACHMENT").count() == 1


def test_a_file_that_is_too_large_is_dropped_on_its_way_and_the_form_says_so(cast: Cast, media: Path) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    client = signed_in(cast.acme.support_manager)
    page = url("support_case", cast.acme.customer, case_id=case.pk)
    response = client.post(
        page, {"verb": "comment", "text": "See", "files": sent("big.log", b"x" * (SIZE_AT_MOST + 1))}
    )
    assert response.status_code == 422
    assert "big.log is larger than 25 MB" in text(response)
    assert response.wsgi_request.FILES == {}
    assert not case.events.exists()
    many = client.post(page, {"verb": "comment", "files": [sent("a.txt", b"a") for _ in range(11)]})
    assert (many.status_code, "You can send 10 files at a time." in text(many)) == (422, True)
    assert on_disk(media) == []


def test_nothing_is_taken_from_people_who_have_not_signed_in(cast: Cast) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    page = url("support_case", cast.acme.customer, case_id=case.pk)
    response = Client().post(page, {"verb": "comment", "files": sent("a.txt", b"a")})
    assert response.status_code == 302
    assert response.wsgi_request.FILES == {}


def test_a_file_of_another_case_or_customer_is_not_found(cast: Cast) -> None:
    mine = make_case(cast.acme.customer, cast.acme.support_manager)
    theirs = make_case(cast.globex.customer, cast.globex.support_manager)
    files = check([sent("a.txt", b"a")])
    cases.comment(actor=acting(cast.globex.support_manager), case_id=theirs.pk, text="", files=files)
    attachment = Attachment.objects.get()
    client = signed_in(cast.acme.support_manager)
    for case in (mine, theirs):
        address = url("support_case_file", cast.acme.customer, case_id=case.pk, file_id=attachment.pk)
        assert client.post(address).status_code == 404
    partner = reverse("reseller_case_file", kwargs={"case_id": theirs.pk, "file_id": attachment.pk})
    assert signed_in(cast.resale_two.support_agent).post(partner).status_code == 404


def test_a_case_filed_with_files_keeps_them_and_records_each(cast: Cast, media: Path) -> None:
    client = signed_in(cast.acme.support_manager)
    new = url("support_case_new", cast.acme.customer)
    typed = {
        "service": "google_workspace",
        "category": "mail.delivery",
        "title": "Mail is late",
        "description": "Hours",
        "priority": "P1",
        "language": "en",
        "time_zone": "UTC",
        "files": [sent("a.txt", b"a"), sent("b.har", HAR)],
    }
    done = client.post(new, typed, follow=True)
    case = Case.objects.get()
    assert f"Filed as case {case.pk}." in text(done)
    assert sorted(case.attachments.values_list("name", flat=True)) == ["a.txt", "b.har"]
    assert AuditEvent.objects.filter(name="ATTACH_TO_CASE").count() == 2
    assert len(on_disk(media)) == 2
    assert path_of(case.attachments.first().pk).exists()
