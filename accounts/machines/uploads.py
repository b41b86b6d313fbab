"""Files that machines send in pieces: kept in rows, so that any web server takes the next one, and for an hour."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from accounts.errors import Refused
from accounts.models import ApiUpload, ApiUploadPart, ServiceAccount
from accounts.models.api_calls import METADATA_MAX_LENGTH

# How long a client may take for a file: enough for 25 MB over a telephone, with pauses.
LASTS: Final = timedelta(hours=1)
# Files that one service account may be sending at a time.
_MOST: Final = 10


@transaction.atomic
def begin_upload(
    *, account_id: int, person_id: int | None, path: str, metadata: str, content_type: str, size: int | None
) -> str:
    """Note that a machine begins to send a file; returns the text by which it goes on.

    path: of the call, with its query. size: in bytes; None where the client does not know yet.
    Raises Refused where it sends too many at a time, or too much beside the file.
    """
    forget_expired_uploads()
    # Of two at once the second one counts the first.
    ServiceAccount.objects.select_for_update(no_key=True).get(pk=account_id)
    if ApiUpload.objects.filter(account=account_id, ends_at__gt=Now()).count() >= _MOST:
        raise Refused(f"This service account sends {_MOST} files already. Finish one of them first.")
    if len(metadata) + len(path) > METADATA_MAX_LENGTH:
        raise Refused(f"Send at most {METADATA_MAX_LENGTH} bytes beside the file.")
    text = secrets.token_urlsafe(32)
    ApiUpload.objects.create(
        digest=_digest(text),
        account_id=account_id,
        person_id=person_id,
        path=path,
        metadata=metadata,
        content_type=content_type[:200],
        size=size,
        ends_at=Now() + LASTS,
    )
    return text


def lock_upload(text: str, *, account_id: int, person_id: int | None) -> ApiUpload | None:
    """Return a file that this machine is sending, locked; None where it sends none, or its hour is over."""
    theirs = ApiUpload.objects.filter(account=account_id, person=person_id, ends_at__gt=Now())
    return theirs.select_for_update().filter(digest=_digest(text)).first()


def add_part(upload: ApiUpload, content: bytes) -> None:
    """Add the next piece of a file that is locked."""
    if content:
        ApiUploadPart.objects.create(upload=upload, start=upload.received, content=content)
        upload.received += len(content)
    upload.save(update_fields=["received", "size"])


def parts_of(upload: ApiUpload) -> Iterator[bytes]:
    """Return the pieces of a file in their order, each when it is asked for."""
    for pk in list(upload.parts.order_by("start").values_list("pk", flat=True)):
        yield bytes(ApiUploadPart.objects.values_list("content", flat=True).get(pk=pk))


def forget_expired_uploads() -> int:
    """Delete the files that were not finished in time; returns how many rows there were."""
    return ApiUpload.objects.filter(ends_at__lte=Now()).delete()[0]


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
