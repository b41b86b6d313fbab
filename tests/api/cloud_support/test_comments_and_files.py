"""Comments, files and the feed of a case through the Support API (S7, S11)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.errors import Refused
from accounts.models import AuditEvent
from api.cloud_support.comments import LONGEST
from api.core.errors import ApiError, Invalid, NotFound
from support import cases as verbs
from support import vendor_desk
from support.models import Attachment, Case
from support.models.case import EscalationReason, State
from tests.api.cloud_support.world import Sent, ask, name_of
from tests.cast import Cast
from tests.support.world import acting, attach, make_case, path_of

HAR = json.dumps(
    {"log": {"version": "1.2", "creator": {"name": "x", "version": "1"}, "entries": [
        {"request": {"method": "GET", "url": "https://acme.example/", "cookies": [{"name": "sid", "value": "secret"}],
         "headers": [{"name": "Cookie", "value": "sid=secret"}]}, "response": {"headers": [], "cookies": []}}]}}
).encode()  # fmt: skip


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def case(cast: Cast) -> Case:
    return make_case(cast.acme.customer, cast.acme.super_admin)


def test_comments_are_numbered_in_their_case_and_tell_who_said_what(cast: Cast, case: Case) -> None:
    bob, name = cast.acme.support_manager, name_of(case)
    other = make_case(cast.acme.customer, cast.acme.super_admin, title="Another")
    ask(bob, "cases.comments.create", {"body": "Elsewhere"}, parent=name_of(other))
    first = ask(bob, "cases.comments.create", {"body": "Since Monday"}, parent=name)
    assert first == {
        "name": f"{name}/comments/1",
        "createTime": first["createTime"],
        "creator": {
            "displayName": "Bob", "email": "bob@acme.example", "username": "bob@acme.example", "googleSupport": False,
        },
        "body": "Since Monday",
        "plainTextBody": "Since Monday",
    }  # fmt: skip
    vendor_desk.answer(actor=acting(cast.vendor_support), case_id=case.pk, text="We look", state=State.ACTION_REQUIRED)
    # What is no comment takes no number.
    verbs.escalate(
        actor=acting(bob), case_id=case.pk, reason=EscalationReason.BUSINESS_IMPACT, justification="Now please"
    )
    third = ask(bob, "cases.comments.create", {"body": "Thank you"}, parent=name)
    listed = ask(bob, "cases.comments.list", parent=name)["comments"]
    assert [each["body"] for each in listed] == ["Since Monday", "We look", "Thank you"]
    assert [each["name"].rpartition("/")[2] for each in listed] == ["1", "2", "3"]
    assert listed[1]["creator"] == {"displayName": f"{settings.VENDOR_NAME} Support", "googleSupport": True}
    assert third == listed[2] == ask(bob, "cases.comments.get", name=f"{name}/comments/3")
    assert Case.objects.get(pk=case.pk).state == State.IN_PROGRESS_GOOGLE_SUPPORT, "the answer that was waited for"
    for number in ("0", "4", "-1", "x", "9" * 30):
        with pytest.raises(NotFound):
            ask(bob, "cases.comments.get", name=f"{name}/comments/{number}")


def test_comments_come_in_pages(cast: Cast, case: Case) -> None:
    bob, name = cast.acme.support_manager, name_of(case)
    for number in range(5):
        verbs.comment(actor=acting(bob), case_id=case.pk, text=f"No. {number}")
    seen, token = [], ""
    while True:
        answer = ask(bob, "cases.comments.list", parent=name, pageSize=2, pageToken=token)
        seen.append([each["body"][-1] + each["name"][-1] for each in answer["comments"]])
        token = answer.get("nextPageToken")
        if not token:
            break
    assert seen == [["01", "12"], ["23", "34"], ["45"]]


@pytest.mark.parametrize("body", [{}, {"body": " "}, {"body": "x" * (LONGEST + 1)}, {"body": "\0"}])
def test_a_comment_says_something_and_not_too_much(cast: Cast, case: Case, body: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        ask(cast.acme.support_manager, "cases.comments.create", body, parent=name_of(case))
    assert refused.value.location == "body"
    assert ask(cast.acme.support_manager, "cases.comments.create", {"body": "x" * LONGEST}, parent=name_of(case))


def test_a_file_is_stored_and_given_out_as_the_page_does(cast: Cast, case: Case) -> None:
    bob, name = cast.acme.support_manager, name_of(case)
    content = b"<script>alert(1)</script>"
    sent = Sent("x.html", content)
    stored = ask(bob, "media.upload", {"attachment": {"filename": "a/b: log.html"}}, media=sent, parent=name)
    row = Attachment.objects.get()
    assert stored == {
        "name": f"{name}/attachments/{row.pk}",
        "createTime": stored["createTime"],
        "creator": stored["creator"],
        "filename": "b log.html",
        "mimeType": "text/plain",
        "sizeBytes": str(len(content)),
    }
    assert stored == ask(bob, "cases.attachments.get", name=stored["name"])
    assert ask(bob, "cases.attachments.list", parent=name) == {"attachments": [stored]}
    said = {"filename": "b log.html", "contentType": "text/plain", "length": str(len(content))}
    assert ask(bob, "media.download", name=stored["name"]) == said
    assert not AuditEvent.objects.filter(name="DOWNLOAD_CASE_ATTACHMENT").exists()
    answer = ask(bob, "media.download", name=stored["name"], alt="media")
    assert (b"".join(answer.streaming_content), answer["X-Content-Type-Options"]) == (content, "nosniff")
    answer.file_to_stream.close()
    assert answer["Content-Disposition"] == 'attachment; filename="b log.html"'
    assert AuditEvent.objects.filter(name="DOWNLOAD_CASE_ATTACHMENT").count() == 1


def test_the_name_of_a_file_may_come_with_the_file(cast: Cast, case: Case) -> None:
    bob, name = cast.acme.support_manager, name_of(case)
    assert ask(bob, "media.upload", media=Sent("sent.txt", b"x"), parent=name)["filename"] == "sent.txt"
    for media in (None, Sent("", b"x")):
        with pytest.raises(Invalid):
            ask(bob, "media.upload", media=media, parent=name)


def test_secrets_are_taken_out_of_har_files_before_they_are_stored(cast: Cast, case: Case) -> None:
    stored = ask(cast.acme.support_manager, "media.upload", media=Sent("my.har", HAR), parent=name_of(case))
    row = Attachment.objects.get()
    assert b"secret" in HAR and b"secret" not in path_of(row.pk).read_bytes()
    assert (stored["mimeType"], row.stripped > 0) == ("application/json", True)
    assert stored["sizeBytes"] == str(path_of(row.pk).stat().st_size)


def test_the_limits_of_the_page_hold(cast: Cast, case: Case, settings: Any) -> None:
    settings.ATTACHMENT_MB = 1
    settings.ATTACHMENTS_PER_CASE = 1
    bob, name = cast.acme.support_manager, name_of(case)
    for content in (b"", b"x" * (1024 * 1024 + 1), b"MZ a program"):
        with pytest.raises(Refused):
            ask(bob, "media.upload", media=Sent("a.bin", content), parent=name)
    ask(bob, "media.upload", media=Sent("a.txt", b"x"), parent=name)
    with pytest.raises(Refused, match="at most 1 file"):
        ask(bob, "media.upload", media=Sent("b.txt", b"x"), parent=name)
    assert Attachment.objects.count() == 1


def test_a_file_that_is_gone_from_the_storage_is_not_found(cast: Cast, case: Case) -> None:
    attach(case, cast.acme.super_admin, b"x")
    row, bob = Attachment.objects.get(), cast.acme.support_manager
    name = f"{name_of(case)}/attachments/{row.pk}"
    path_of(row.pk).unlink()
    with pytest.raises(NotFound):
        ask(bob, "media.download", name=name, alt="media")
    for other in ("x", "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(NotFound):
            ask(bob, "cases.attachments.get", name=f"{name_of(case)}/attachments/{other}")


def test_a_file_of_another_case_is_not_found_under_this_one(cast: Cast, case: Case) -> None:
    theirs = make_case(cast.globex.customer, cast.globex.super_admin)
    attach(theirs, cast.globex.super_admin, b"x")
    file = Attachment.objects.get()
    for name in (name_of(case), name_of(theirs)):
        for method in ("cases.attachments.get", "media.download"):
            with pytest.raises(NotFound):
                ask(cast.acme.super_admin, method, name=f"{name}/attachments/{file.pk}", alt="media")
    assert not AuditEvent.objects.filter(name="DOWNLOAD_CASE_ATTACHMENT").exists()


def said(answer: dict[str, Any]) -> list[str]:
    return [i["comment"]["body"] if "comment" in i else i["attachment"]["filename"] for i in answer["feedItems"]]


@pytest.mark.parametrize("order", ["", "creation_time", "Creation_Time   DESC"])
def test_the_feed_has_comments_and_files_in_the_order_of_time(cast: Cast, case: Case, order: str) -> None:
    bob, name = cast.acme.support_manager, name_of(case)
    for number in range(3):
        verbs.comment(actor=acting(bob), case_id=case.pk, text=f"No. {number}")
        attach(case, bob, b"one", b"two")
    everything = said(ask(bob, "cases.showFeed", parent=name, pageSize=100))
    assert everything == ["No. 0", "a.txt", "a.txt", "No. 1", "a.txt", "a.txt", "No. 2", "a.txt", "a.txt"]
    seen, names, token = [], [], ""
    while True:
        answer = ask(bob, "cases.showFeed", parent=name, pageSize=2, pageToken=token, orderBy=order)
        seen += said(answer)
        names += [(item.get("comment") or item["attachment"])["name"] for item in answer["feedItems"]]
        token = answer.get("nextPageToken")
        if not token:
            break
    assert seen == (everything[::-1] if "DESC" in order else everything)
    assert len(names) == len(set(names)) == 9
    with pytest.raises(ApiError):
        ask(bob, "cases.showFeed", parent=name, orderBy="title")
