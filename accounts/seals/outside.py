"""The place outside the database that keeps each seal with the digests of its events.

A file for each seal, written once and never again (docs/audit-seals.md has its form). Any storage of Django does
(AUDIT_SEALS_STORAGE); the farther away from those who run the database, the better.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp
from typing import Any, Final

from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

from accounts.models import Seal
from accounts.seals.records import Record, as_lines, from_lines
from accounts.seals.statements import statement_of

ALIAS: Final = "audit_seals"
# Files of one folder.
_EACH: Final = 1000
_SUFFIX: Final = ".seal"
_KEYS: Final = "keys"

Place = tuple[int, int]  # era and number


class OutsideAway(Exception):
    """The place outside does not answer."""


class OutsideDiffers(Exception):
    """The place outside has another seal of that number, or a file that is none."""


class SealFolder(FileSystemStorage):
    """A folder in which a file is there whole or not at all, and is never written to again."""

    def _save(self, name: str, content: File[Any]) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, unfinished = mkstemp(dir=path.parent, prefix=".unfinished-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in content.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), 0o440)
            # Unlike a renamed one it takes no other's place.
            os.link(unfinished, path)
        finally:
            Path(unfinished).unlink()
        return name

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        """Return folders and files; none where the folder has not been made yet."""
        try:
            return super().listdir(path)
        except FileNotFoundError:
            return [], []


@dataclass(frozen=True, slots=True)
class Kept:
    """One seal as it is kept outside: what was signed, its signature, and the records of its events."""

    statement: bytes
    signature: str
    records: list[Record]

    @property
    def key(self) -> str:
        return str(json.loads(self.statement)["key"])


def put(seal: Seal) -> None:
    """Keep a seal; one that is there already is compared. Raises OutsideAway, OutsideDiffers."""
    statement = statement_of(seal)
    text = b"%b\n%b\n%b" % (statement, seal.signature.encode(), as_lines(seal.leaves).encode())
    with _asked() as storage:
        _write_once(storage, f"{_KEYS}/{seal.key_id}", f"{seal.key_id}\n".encode())
        _write_once(storage, name_of((seal.era_id, seal.number)), text)


def read(place: Place) -> Kept | None:
    """Return a seal as it is kept; None where it is not there. Raises OutsideAway, OutsideDiffers."""
    name = name_of(place)
    with _asked() as storage:
        if not storage.exists(name):
            return None
        with storage.open(name) as file:
            lines = file.read().decode().splitlines()
    try:
        kept = Kept(lines[0].encode(), lines[1], from_lines(lines[2:]))
        json.loads(kept.statement)["key"]
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise OutsideDiffers(f"{name} is no seal") from error
    return kept


def head() -> Place | None:
    """Return the newest seal that is kept; None where there is none. Raises OutsideAway."""
    with _asked() as storage:
        for era in _numbers(storage.listdir("")[0]):
            if number := _newest(storage, era):
                return era, number
    return None


def newest_of(era: int) -> int:
    """Return the number of the newest seal of an era that is kept; 0 where there is none. Raises OutsideAway."""
    with _asked() as storage:
        return _newest(storage, era)


def _newest(storage: Storage, era: int) -> int:
    for folder in _numbers(storage.listdir(f"{era:04}")[0]):
        files = storage.listdir(_folder(era, folder))[1]
        if numbers := _numbers([name.removesuffix(_SUFFIX) for name in files if name.endswith(_SUFFIX)]):
            return numbers[0]
    return 0


def keys() -> set[str]:
    """Return the keys that seals outside were ever signed with. Raises OutsideAway."""
    with _asked() as storage:
        return set(storage.listdir(_KEYS)[1])


def name_of(place: Place) -> str:
    """Return the name of a seal's file."""
    era, number = place
    return f"{_folder(era, number // _EACH)}/{number:09}{_SUFFIX}"


def _folder(era: int, folder: int) -> str:
    return f"{era:04}/{folder:06}"


def _numbers(names: list[str]) -> list[int]:
    return sorted((int(name) for name in names if name.isascii() and name.isdigit()), reverse=True)


def _write_once(storage: Storage, name: str, text: bytes) -> None:
    if not storage.exists(name):
        saved = storage.save(name, ContentFile(text))
        if saved == name:
            return
        raise OutsideDiffers(f"{name} came there meanwhile")
    with storage.open(name) as file:
        if file.read() != text:
            raise OutsideDiffers(f"{name} is another one")


@contextmanager
def _asked() -> Iterator[Storage]:
    """Give the storage; what it raises means that it is away, and is one thing for all kinds of storage."""
    try:
        yield storages[ALIAS]
    except OutsideDiffers:
        raise
    except Exception as error:
        raise OutsideAway(f"{type(error).__name__}: {error}") from error
