"""Compares MEDIA_ROOT with the rows of attachments: after a restore the two may be of different moments."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from django.conf import settings

from support.attachments import FOLDER, path_of
from support.models import Attachment

# Seconds. A file is written before its row is committed: a younger one without a row may be on its way.
ON_ITS_WAY: Final = 3600
# Rows asked for at once.
BATCH: Final = 1000


def missing() -> Iterator[Attachment]:
    """Return the attachments whose file is not there, or has another size."""
    for attachment in Attachment.objects.order_by("case", "pk").iterator(BATCH):
        path = path_of(attachment.pk)
        if not path.is_file() or path.stat().st_size != attachment.size:
            yield attachment


def orphans() -> Iterator[Path]:
    """Return the files that no attachment has."""
    before = time.time() - ON_ITS_WAY
    root = Path(settings.MEDIA_ROOT) / FOLDER
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and path.stat().st_mtime < before)
    while batch := list(islice(files, BATCH)):
        ids = {path: _id_of(path) for path in batch}
        known = set(Attachment.objects.filter(pk__in=[i for i in ids.values() if i]).values_list("pk", flat=True))
        yield from (path for path in batch if ids[path] not in known)


def _id_of(path: Path) -> uuid.UUID | None:
    try:
        found = uuid.UUID(hex=path.name)
    except ValueError:
        return None
    return found if path_of(found) == path else None
