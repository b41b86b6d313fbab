"""Files of cases that are gone, and files that nobody has: a page, a log line, and a command that lists them."""

from __future__ import annotations

import io
import os
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import AuditEvent
from support import stored_files
from support.models import Attachment
from tests.cast import Cast
from tests.client import signed_in
from tests.client import url_of as url
from tests.support.world import attach, make_case, path_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


@pytest.fixture
def attached(cast: Cast) -> Attachment:
    case = make_case(cast.acme.customer, cast.acme.support_manager)
    attach(case, cast.acme.support_manager, b"first", b"second")
    return Attachment.objects.filter(size=5).get()


def checked() -> tuple[int, str]:
    """The exit status of the command and what it printed."""
    out = io.StringIO()
    try:
        call_command("check_media", stdout=out)
    except SystemExit as error:
        return int(str(error.code)), out.getvalue()
    return 0, out.getvalue()


def old(path: Path) -> Path:
    os.utime(path, (time.time() - 4000,) * 2)
    return path


def test_a_file_that_is_gone_is_a_page_and_a_log_line(
    cast: Cast, attached: Attachment, caplog: pytest.LogCaptureFixture
) -> None:
    path_of(attached.pk).unlink()
    address = url("support_case_file", cast.acme.customer, case_id=attached.case_id, file_id=attached.pk)
    response = signed_in(cast.acme.support_manager).post(address)
    assert response.status_code == 404
    page = response.content.decode()
    assert "This file is gone" in page and "a.txt" in page
    assert url("support_case", cast.acme.customer, case_id=attached.case_id) in page
    assert f"the file {attached.pk} of case {attached.case_id} is not in the storage of attachments" in caplog.text
    assert not AuditEvent.objects.filter(name="DOWNLOAD_CASE_ATTACHMENT").exists()


def test_what_is_missing_cut_off_or_nobodys_is_listed(attached: Attachment, media: Path) -> None:
    assert checked() == (0, "Every file of a case is there, and no other.\n")
    second = Attachment.objects.exclude(pk=attached.pk).get()
    path_of(attached.pk).unlink()
    path_of(second.pk).write_bytes(b"cut")
    stray = path_of(uuid.uuid4())
    stray.parent.mkdir(exist_ok=True)
    stray.write_bytes(b"of a row that was never committed")
    named = media / "support" / "notes.txt"
    named.write_bytes(b"put here by hand")
    status, said = checked()
    assert status == 1
    assert [line.split()[:2] for line in said.splitlines()] == [
        ["missing", file.hex] for file in sorted([attached.pk, second.pk])
    ], "a young file may belong to a row that is on its way"
    for path in (stray, named):
        old(path)
    status, said = checked()
    assert (status, len(said.splitlines())) == (1, 4)
    assert {f"orphan   {stray.relative_to(media)}", f"orphan   {named.relative_to(media)}"} <= set(said.splitlines())


def test_a_file_with_the_name_of_another_ones_in_the_wrong_place_is_nobodys(attached: Attachment, media: Path) -> None:
    own = path_of(attached.pk)
    elsewhere = old(own.rename(media / "support" / own.name))
    status, said = checked()
    assert status == 1
    assert said.splitlines() == [
        f"missing  {attached.pk.hex}  case {attached.case_id}  {attached.name}",
        f"orphan   {elsewhere.relative_to(media)}",
    ]


def test_more_files_than_are_asked_for_at_once_are_all_listed(
    attached: Attachment, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_files, "BATCH", 2)
    named = [media / "support" / f"{number}.txt" for number in range(5)]
    for path in named:
        path.touch()
        old(path)
    assert checked()[1].splitlines() == [f"orphan   {path.relative_to(media)}" for path in named]


def test_an_old_file_with_its_row_is_no_orphan(attached: Attachment, media: Path) -> None:
    for path in media.rglob("*"):
        old(path)
    assert checked()[0] == 0
