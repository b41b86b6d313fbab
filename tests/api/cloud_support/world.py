"""Calls of the Support API by hand: for the tests of its methods, without HTTP."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import IO, Any

from accounts.models import Customer, User
from api.cloud_support import attachments, cases, changing, classifications, comments, feed
from support.models import Case
from tests.api.calls import call_of

METHODS: dict[str, Any] = {
    "caseClassifications.search": classifications.search,
    "cases.get": cases.get,
    "cases.list": cases.list_cases,
    "cases.search": cases.search,
    "cases.create": changing.create,
    "cases.patch": changing.patch,
    "cases.escalate": changing.escalate,
    "cases.close": changing.close,
    "cases.showFeed": feed.show_feed,
    "cases.comments.list": comments.list_comments,
    "cases.comments.get": comments.get,
    "cases.comments.create": comments.create,
    "cases.attachments.list": attachments.list_attachments,
    "cases.attachments.get": attachments.get,
    "media.upload": attachments.upload,
    "media.download": attachments.give_out,
}
# What a case is filed with.
TOLD: dict[str, Any] = {
    "displayName": "Mail is late",
    "description": "It takes hours.",
    "classification": {"id": "google_workspace.mail.delivery"},
    "priority": "P2",
}


class Sent:
    """A file that was sent with a call."""

    content_type = "application/octet-stream"

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.size = len(content)
        self.content = content

    def open(self) -> IO[bytes]:
        return BytesIO(self.content)


def ask(
    person: User,
    method: str,
    body: dict[str, Any] | None = None,
    *,
    media: Sent | None = None,
    alt: str = "json",
    **params: Any,
) -> Any:
    """Call a method for a person. alt: media, where the bytes of a file are asked for."""
    call = call_of(person, f"cloudsupport.{method}", params, body, media=media)
    return METHODS[method](replace(call, alt=alt))


def parent_of(customer: Customer) -> str:
    return f"organizations/{customer.organization_number}"


def name_of(case: Case) -> str:
    return f"{parent_of(case.customer)}/cases/{case.pk}"
