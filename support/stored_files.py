"""Compares the storage of attachments with their rows: after a restore the two may be of different moments."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Final

from django.utils import timezone

from support import file_storage
from support.file_storage import name_of
from support.models import Attachment

# A file is written before its row is committed: a younger one without a row may be on its way.
ON_ITS_WAY: Final = timedelta(hours=1)
# Rows asked for at once.
BATCH: Final = 1000


def missing() -> Iterator[Attachment]:
    """Return the attachments whose file is not there, or has another size. Raises StorageAway."""
    for attachment in Attachment.objects.order_by("case", "pk").iterator(BATCH):
        if file_storage.size_of(name_of(attachment.pk)) != attachment.size:
            yield attachment


def orphans() -> Iterator[str]:
    """Return the names of the files that no attachment has. Raises StorageAway."""
    before = timezone.now() - ON_ITS_WAY
    names = file_storage.names()
    while batch := list(islice(names, BATCH)):
        ids = {name: _id_of(name) for name in batch}
        known = set(Attachment.objects.filter(pk__in=[i for i in ids.values() if i]).values_list("pk", flat=True))
        yield from (name for name in batch if ids[name] not in known and file_storage.changed_at(name) < before)


def _id_of(name: str) -> uuid.UUID | None:
    try:
        found = uuid.UUID(hex=name.rpartition("/")[2])
    except ValueError:
        return None
    return found if name_of(found) == name else None
