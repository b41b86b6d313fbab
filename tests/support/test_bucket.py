"""Files of cases in a bucket: encrypted there, given out after our own check only, and away without harm (S11)."""

from __future__ import annotations

import io
import socket
import time
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings

from accounts.errors import Refused
from accounts.models import AuditEvent
from reseller_console.checks import MEDIA_CHECK
from reseller_console.file_checks import files_can_be_kept
from reseller_console.local.valkey import free_port
from support import cases, file_storage, stored_files
from support.attachments import check, kept
from support.file_storage import StorageAway, name_of
from support.models import Attachment
from tests.cast import Cast
from tests.client import content_of as whole
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.client import url_of as url
from tests.s3 import BUCKET, S3, bucket, locked_server
from tests.support.world import acting, attach, make_case, sent

pytestmark = pytest.mark.django_db

MB = 1024 * 1024


def use(settings: Settings, storage: dict[str, Any]) -> None:
    settings.ATTACHMENTS_STORAGE = storage
    settings.STORAGES = {**settings.STORAGES, "attachments": storage}


@pytest.fixture
def s3(s3_server: S3, settings: Settings) -> S3:
    s3_server.empty()
    use(settings, bucket(s3_server.url))
    return s3_server


@pytest.fixture
def silent() -> Iterator[str]:
    """A place that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def file_url(cast: Cast, attachment: Attachment) -> str:
    return url("support_case_file", cast.acme.customer, case_id=attachment.case_id, file_id=attachment.pk)


def comment(client: Client, cast: Cast, case_id: int, content: bytes = b"kept") -> Any:
    typed = {"verb": "comment", "text": "Look at this", "files": sent("a.txt", content)}
    return client.post(url("support_case", cast.acme.customer, case_id=case_id), typed)


@pytest.mark.parametrize("encryption", ["AES256", "aws:kms"])
def test_S11_a_file_is_encrypted_in_the_bucket_and_given_out_by_us(
    cast: Cast, s3: S3, settings: Settings, encryption: str
) -> None:
    use(settings, bucket(s3.url, encryption=encryption))
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    client = signed_in(cast.acme.support_manager)
    assert comment(client, cast, case.pk).status_code == 302
    attachment = Attachment.objects.get()
    assert s3.names() == [name_of(attachment.pk)]
    head = s3.head(name_of(attachment.pk))
    assert (head["ServerSideEncryption"], head["ContentLength"]) == (encryption, 4)

    response = client.post(file_url(cast, attachment))
    assert whole(response) == b"kept"
    assert response["Content-Length"] == "4"
    assert response["Content-Disposition"] == 'attachment; filename="a.txt"'
    page = client.get(url("support_case", cast.acme.customer, case_id=case.pk))
    for said in (str(response.headers), page.content.decode()):
        assert str(s3.port) not in said
        assert "Signature" not in said
    assert AuditEvent.objects.filter(name="DOWNLOAD_CASE_ATTACHMENT").count() == 1


def test_S11_who_may_not_read_the_case_is_not_even_asked_about_in_the_bucket(cast: Cast, s3: S3) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    attach(case, cast.acme.support_manager, b"kept")
    attachment = Attachment.objects.get()
    asked = s3.log.read_text().count("GET /")
    for person in (cast.globex.support_manager, cast.resale_two.support_agent):
        assert signed_in(person).post(file_url(cast, attachment)).status_code == 404
    assert Client().post(file_url(cast, attachment)).status_code == 302
    assert s3.log.read_text().count("GET /") == asked
    assert whole(signed_in(cast.acme.support_manager).post(file_url(cast, attachment))) == b"kept"
    assert s3.log.read_text().count("GET /") == asked + 1


def test_no_file_has_a_url(s3: S3) -> None:
    with pytest.raises(NotImplementedError):
        storages["attachments"].url("support/ab/ab")


def test_files_go_both_ways_in_pieces(cast: Cast, s3: S3) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    with TemporaryUploadedFile("a.bin", "", 24 * MB, None) as large:
        for number in range(24):
            large.write(bytes([number]) * MB)
        files = check([large])
        attach(case, cast.acme.support_manager, b"the client is made by now")
        tracemalloc.start()
        try:
            cases.comment(actor=acting(cast.acme.support_manager), case_id=case.pk, text="", files=files)
            attachment = Attachment.objects.get(name="a.bin")
            response: Any = signed_in(cast.acme.support_manager).post(file_url(cast, attachment))
            size = sum(len(chunk) for chunk in response.streaming_content)
            response.close()
            assert tracemalloc.get_traced_memory()[1] < 8 * MB
        finally:
            tracemalloc.stop()
    assert (size, attachment.size) == (24 * MB, 24 * MB)


def test_a_file_whose_case_was_not_saved_is_removed(cast: Cast, s3: S3) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    cases.close(actor=acting(cast.acme.support_manager), case_id=case.pk)
    with pytest.raises(Refused):
        attach(case, cast.acme.support_manager, b"a", b"b")
    assert s3.names() == []


def test_a_file_stays_where_nobody_knows_whether_its_row_was_committed(s3: S3) -> None:
    """As after a failover in the middle of a commit: the rows may be there, and then the file must be."""
    with pytest.raises(OperationalError), kept(check([sent("a.txt", b"a")])):
        raise OperationalError("server closed the connection unexpectedly")
    assert len(s3.names()) == 1
    with pytest.raises(ValueError, match="ours"), kept(check([sent("a.txt", b"a")])):
        raise ValueError("ours")
    assert len(s3.names()) == 1


def test_a_silent_bucket_is_said_on_the_form_keeps_what_was_typed_and_holds_up_nobody_twice(
    cast: Cast, s3: S3, settings: Settings, silent: str
) -> None:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    attach(case, cast.acme.support_manager, b"kept")
    attachment = Attachment.objects.get()
    client = signed_in(cast.acme.support_manager)
    use(settings, bucket(silent))
    began = time.monotonic()
    answer = comment(client, cast, case.pk)
    assert time.monotonic() - began < 15
    assert answer.status_code == 422
    assert "Files cannot be stored at the moment." in text(answer) and "Look at this" in text(answer)
    began = time.monotonic()
    assert comment(client, cast, case.pk).status_code == 422
    away = client.post(file_url(cast, attachment))
    assert (away.status_code, "a.txt is not lost" in text(away)) == (503, True)
    assert client.get(url("support_case", cast.acme.customer, case_id=case.pk)).status_code == 200
    assert time.monotonic() - began < 3, "it is not asked again for a while"
    assert Attachment.objects.count() == 1
    assert not AuditEvent.objects.filter(name="DOWNLOAD_CASE_ATTACHMENT").exists()
    with pytest.raises(CommandError, match="does not answer"):
        call_command("check_media")

    use(settings, bucket(s3.url))
    assert comment(client, cast, case.pk).status_code == 302
    assert whole(client.post(file_url(cast, attachment))) == b"kept"


def test_a_bucket_that_was_away_is_asked_again_after_a_moment(
    s3: S3, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_storage, "AWAY_LASTS", 0.2)
    use(settings, bucket(s3.url, bucket_name="nobodys"))
    with pytest.raises(StorageAway, match="NoSuchBucket"):
        file_storage.try_out()
    with pytest.raises(StorageAway, match="a moment ago"):
        file_storage.try_out()
    time.sleep(0.3)
    with pytest.raises(StorageAway, match="NoSuchBucket"):
        file_storage.try_out()


def test_E019_the_web_server_refuses_a_bucket_that_takes_no_files(s3: S3, settings: Settings) -> None:
    assert files_can_be_kept() is None
    assert s3.names() == []
    use(settings, bucket(s3.url, bucket_name="nobodys"))
    assert "NoSuchBucket" in files_can_be_kept()[0]
    with locked_server(encrypts=False) as forgetful:
        use(settings, bucket(forgetful))
        assert "NotEncrypted" in files_can_be_kept()[0]


def test_E019_a_bucket_that_is_away_stops_no_web_server(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    use(settings, bucket(f"http://127.0.0.1:{free_port()}"))
    assert files_can_be_kept() is None
    assert "the storage of attachments could not be tried" in caplog.text
    assert MEDIA_CHECK == "reseller_console.E019"


def test_files_of_a_bucket_are_compared_with_their_rows(cast: Cast, s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored_files, "ON_ITS_WAY", timedelta(minutes=-1))
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    attach(case, cast.acme.support_manager, b"one", b"two", b"three")
    gone, cut, _whole = Attachment.objects.order_by("pk")
    assert listed() == (0, "Every file of a case is there, and no other.\n")
    s3.client.delete_object(Bucket=BUCKET, Key=name_of(gone.pk))
    s3.client.put_object(Bucket=BUCKET, Key=name_of(cut.pk), Body=b"x")
    s3.client.put_object(Bucket=BUCKET, Key="support/notes.txt", Body=b"by hand")
    status, said = listed()
    assert (status, [line.split()[:2] for line in said.splitlines()]) == (
        1,
        [["missing", gone.pk.hex], ["missing", cut.pk.hex], ["orphan", "support/notes.txt"]],
    )
    assert "removed  support/notes.txt" in listed("--remove-orphans")[1]
    assert not s3.is_there("support/notes.txt") and s3.is_there(name_of(cut.pk))


def listed(*options: str) -> tuple[int, str]:
    """The exit status of the command and what it printed."""
    out = io.StringIO()
    try:
        call_command("check_media", *options, stdout=out)
    except SystemExit as error:
        return int(str(error.code)), out.getvalue()
    return 0, out.getvalue()
