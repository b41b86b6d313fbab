"""What a method of an API is called with, when everything that its document says has been looked at (X5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any, Protocol

from django.http import HttpRequest

from accounts.actor import Actor


class Media(Protocol):
    """A file that was sent with a call."""

    @property
    def name(self) -> str:
        """What the client calls the file; empty where it does not say."""
        ...

    @property
    def content_type(self) -> str: ...

    @property
    def size(self) -> int:
        """How many bytes it has."""
        ...

    def open(self) -> IO[bytes]:
        """Return its bytes, from the first on."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method.

    method: its id in the discovery document. params: those of the URL and the query, by the document's names, typed,
    with the defaults; absent ones are missing. body: what was sent, by the schema of the document, without what is read
    only; int64 as int, enums as names. actor: the person for whom the client works. scopes: of the client's token.
    media: the file, where one was sent. alt: "media" where the bytes of a file are asked for.
    locks: the customer is to be locked before it is read: what is shown is compared, and changed in this transaction.
    """

    method: str
    params: Mapping[str, Any]
    body: dict[str, Any]
    actor: Actor
    scopes: frozenset[str]
    request: HttpRequest
    media: Media | None = None
    alt: str = "json"
    locks: bool = False
