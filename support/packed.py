"""Looks into archives for HAR files: packed, one would keep its cookies, since nothing in an archive is changed."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

from support.har import CHUNK, looks_like_har

# Bytes that are unpacked of one upload at the most, and files looked at: an archive can hold a thousand times its size.
UNPACKED_AT_MOST = 64 * 1024 * 1024
FILES_AT_MOST = 1000
_OPEN: dict[str, Callable[[IO[bytes]], Any]] = {
    "application/gzip": lambda file: gzip.GzipFile(fileobj=file),
    "application/x-bzip2": bz2.BZ2File,
    "application/x-xz": lzma.LZMAFile,
}
ZIP = "application/zip"
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)


class BrokenArchive(Exception):
    """It begins like an archive, and cannot be opened."""


class _Enough(Exception):
    """As much was unpacked as is looked at."""


def holds_har(file: IO[bytes], media_type: str) -> bool:
    """Tell whether an archive has a HAR file in it, by the names and the contents of its files.

    file: at its beginning. Looks at the first UNPACKED_AT_MOST bytes and FILES_AT_MOST files. Raises BrokenArchive
    for a broken ZIP file.
    """
    if media_type != ZIP and media_type not in _OPEN:
        return False
    try:
        return any(name.lower().endswith(".har") or looks_like_har(chunks) for name, chunks in _files(file, media_type))
    except _Enough:
        return False
    except _BROKEN as error:
        # The beginning of a broken stream was looked at, and logs that were cut off still tell something.
        if media_type != ZIP:
            return False
        raise BrokenArchive from error


def _files(file: IO[bytes], media_type: str) -> Iterator[tuple[str, Iterator[bytes]]]:
    left = [UNPACKED_AT_MOST]
    if media_type == ZIP:
        yield from _in_zip(file, left)
        return
    yield "", _chunks(_OPEN[media_type](file), left)
    file.seek(0)
    yield from _in_tar(_OPEN[media_type](file), left)


def _in_zip(file: IO[bytes], left: list[int]) -> Iterator[tuple[str, Iterator[bytes]]]:
    with zipfile.ZipFile(file) as archive:
        inside = archive.infolist()
        # Names cost nothing: all of them come first, also of files that cannot be opened without a password.
        for info in inside:
            yield info.filename, iter(())
        for info in inside[:FILES_AT_MOST]:
            if not info.is_dir() and not info.flag_bits & 1:
                with archive.open(info) as member:
                    yield "", _chunks(member, left)


def _in_tar(file: IO[bytes], left: list[int]) -> Iterator[tuple[str, Iterator[bytes]]]:
    try:
        archive = tarfile.open(fileobj=_Counted(file, left), mode="r|")  # type: ignore[call-overload]  # noqa: SIM115
    except tarfile.ReadError:
        return
    with archive:
        for number, info in enumerate(archive):
            if number == FILES_AT_MOST:
                return
            member = archive.extractfile(info) if info.isfile() else None
            yield info.name, _chunks(member, left) if member else iter(())


class _Counted:
    """A file of which no more is read than was left to read."""

    def __init__(self, file: IO[bytes], left: list[int]) -> None:
        self.file = file
        self.left = left

    def read(self, size: int) -> bytes:
        data = self.file.read(size)
        self.left[0] -= len(data)
        if self.left[0] < 0:
            raise _Enough
        return data


def _chunks(file: Any, left: list[int]) -> Iterator[bytes]:
    # read1 gives out what comes before the break of a stream that is broken.
    while chunk := file.read1(min(CHUNK, left[0] + 1)):
        left[0] -= len(chunk)
        if left[0] < 0:
            raise _Enough
        yield chunk
