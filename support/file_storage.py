"""Where the files of cases are: a folder, a bucket, or any other storage of Django (ATTACHMENTS_STORAGE).

All of it goes through here, so that a place that is away is one thing, whatever it is.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final
from weakref import WeakKeyDictionary

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

logger = logging.getLogger(__name__)

ALIAS: Final = "attachments"
# Within the storage.
FOLDER: Final = "support"
# Seconds in which a storage that did not answer is not asked again: the next one who has a file would wait as long.
AWAY_LASTS: Final = 5

_away_until: WeakKeyDictionary[Storage, float] = WeakKeyDictionary()


class StorageAway(Exception):
    """The place of the files does not answer, or refuses."""


class Folder(FileSystemStorage):
    """A folder in which nothing of a file stays that could not be written to its end."""

    def _save(self, name: str, content: File[Any]) -> str:
        try:
            return str(super()._save(name, content))  # type: ignore[misc]
        except BaseException:
            Path(self.path(name)).unlink(missing_ok=True)
            raise


def name_of(id: uuid.UUID) -> str:  # noqa: A002  the column's name
    """Return the name of a file in the storage: nothing of what anybody typed is in it."""
    return f"{FOLDER}/{id.hex[:2]}/{id.hex}"


def put(id: uuid.UUID, content: IO[bytes], size: int) -> None:  # noqa: A002  the same
    """Keep a file under its id. Raises StorageAway."""
    file: File[bytes] = File(content, name_of(id))
    file.size = size  # not from what lies on disk: some of it may not have been written out yet
    with _asked() as storage:
        storage.save(name_of(id), file)


def opened(id: uuid.UUID) -> File[bytes]:  # noqa: A002  the same
    """Return a file, to be read once and closed. Raises FileNotFoundError, StorageAway."""
    with _asked() as storage:
        return storage.open(name_of(id))


def remove(ids: Iterable[uuid.UUID]) -> None:
    """Remove files that nobody has; where the storage is away they stay, and `check_media` lists them."""
    try:
        for id in ids:  # noqa: A001  the same
            remove_named(name_of(id))
    except StorageAway as error:
        logger.warning("files of no case could not be removed: %s", error)


def remove_named(name: str) -> None:
    """Remove a file by its name in the storage. Raises StorageAway."""
    with _asked() as storage:
        storage.delete(name)


def size_of(name: str) -> int | None:
    """Return the size of a file in bytes; None where it is not there. Raises StorageAway."""
    try:
        with _asked() as storage:
            return storage.size(name)
    except FileNotFoundError:
        return None


def changed_at(name: str) -> datetime:
    """Return when a file was written. Raises FileNotFoundError, StorageAway."""
    with _asked() as storage:
        return storage.get_modified_time(name)


def names(folder: str = FOLDER) -> Iterator[str]:
    """Return the name of every file that is there, folder by folder. Raises StorageAway."""
    try:
        with _asked() as storage:
            folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from sorted(f"{folder}/{name}" for name in files)
    for name in sorted(folders):
        yield from names(f"{folder}/{name}")


def try_out() -> None:
    """Keep a file and remove it. Raises StorageAway."""
    name = f"{FOLDER}/tried-{uuid.uuid4().hex}"
    with _asked() as storage:
        storage.save(name, ContentFile(b"tried"))
        storage.delete(name)


@contextmanager
def _asked() -> Iterator[Storage]:
    """Give the storage; what it raises means that it is away, but for a file that is not there."""
    storage = storages[ALIAS]
    if time.monotonic() < _away_until.get(storage, 0):
        raise StorageAway("it did not answer a moment ago")
    try:
        yield storage
    except FileNotFoundError:
        raise
    except Exception as error:
        _away_until[storage] = time.monotonic() + AWAY_LASTS
        raise StorageAway(f"{type(error).__name__}: {error}") from error
