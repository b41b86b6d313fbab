"""Files of cases: what is accepted, how it is stored, and how it is given out (S11).

The type is told by the content, never by what the browser says. Where it is kept a file has a random name and
nothing else; it is only ever given out as a download, so that nothing of it runs in anybody's browser.
"""

from __future__ import annotations

import codecs
import hashlib
import logging
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, TypeAlias

from django.conf import settings
from django.core.files.base import File
from django.core.files.uploadedfile import UploadedFile
from django.db import InterfaceError, OperationalError
from django.http import FileResponse
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.locking import is_busy
from accounts.models import User
from accounts.names import isolated, readable_file_name
from support import file_storage
from support.file_storage import StorageAway
from support.har import UnreadableHar, strip_har
from support.models import Attachment, Case
from support.packed import BrokenArchive, holds_har
from support.quotas import MB, require_room

logger = logging.getLogger(__name__)

TEXT, JSON_TYPE, UNKNOWN = "text/plain", "application/json", "application/octet-stream"
ZIP, GZIP = "application/zip", "application/gzip"
# What a file begins with. Markup (HTML, SVG, XML) is text to us: a type under which a browser runs it is never said.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\x1f\x8b", GZIP),
    (b"BZh", "application/x-bzip2"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x0a\x0d\x0d\x0a", "application/x-pcapng"),
)
# Programs: nobody at support needs one, and the reader might start it.
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
_HAR_ENDINGS = (".har", ".har.gz", ".har.zip", ".har.bz2", ".har.xz")
_TEXT_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
NAME_MAX_LENGTH = 150

Upload: TypeAlias = "UploadedFile[Any]"


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that is accepted, not stored yet. chunks: its bytes, as they will be stored."""

    name: str
    media_type: str
    content: Upload
    stripped: int = 0

    def chunks(self) -> Iterable[bytes]:
        return self.content.chunks()


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is kept, without a row yet."""

    id: uuid.UUID
    checked: Checked
    size: int
    sha256: str


def check(uploads: Sequence[Upload]) -> list[Checked]:
    """Tell what was sent, and strip HAR files. Raises Refused with what is wrong and what is allowed."""
    if len(uploads) > settings.ATTACHMENTS_PER_FORM:
        raise Refused(too_many(), "files", reason="conditionNotMet")
    return [_check(upload) for upload in uploads]


def _check(upload: Upload) -> Checked:
    name = readable_file_name(upload.name or "", NAME_MAX_LENGTH)
    if not upload.size:
        raise Refused(_("%(name)s is empty.") % {"name": isolated(name)}, "files")
    if upload.size > settings.ATTACHMENT_MB * MB:
        raise Refused(too_large(name), "files")
    if upload.read(8).startswith(_PROGRAMS):
        raise Refused(_("%(name)s is a program. Programs cannot be attached.") % {"name": isolated(name)}, "files")
    upload.seek(0)
    media_type = media_type_of(upload)
    upload.seek(0)
    _refuse_packed_har(upload, name, media_type)
    if media_type != TEXT and not name.lower().endswith(".har"):
        return Checked(name, media_type, upload)
    return _strip(upload, name, media_type)


def too_large(name: str) -> str:
    return _("%(name)s is larger than %(limit)d MB.") % {"name": isolated(name), "limit": settings.ATTACHMENT_MB}


def too_many() -> str:
    return _("You can send %(limit)d files at a time.") % {"limit": settings.ATTACHMENTS_PER_FORM}


def media_type_of(file: IO[bytes] | Upload) -> str:
    """Return the type by content: a known signature at the very start, else text if all of it is, else unknown."""
    head = file.read(512)
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith(_TEXT_BOMS[1:]):
        return TEXT
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(64 * 1024):
            if b"\0" in chunk:
                return UNKNOWN
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return UNKNOWN
    return TEXT


def _refuse_packed_har(upload: Upload, name: str, media_type: str) -> None:
    try:
        is_packed = name.lower().endswith(_HAR_ENDINGS[1:]) or holds_har(upload, media_type)
    except BrokenArchive as error:
        raise Refused(_("%(name)s is a broken archive.") % {"name": isolated(name)}, "files") from error
    upload.seek(0)
    if is_packed:
        raise Refused(
            _("%(name)s contains a HAR file. Attach it unpacked, so that its cookies are removed.")
            % {"name": isolated(name)},
            "files",
        )


def _strip(upload: Upload, name: str, media_type: str) -> Checked:
    try:
        har = strip_har(upload)
        if har is None and name.lower().endswith(".har"):
            raise UnreadableHar
    except UnreadableHar as error:
        raise Refused(
            _("%(name)s is a HAR file that cannot be read, so its cookies cannot be removed. Record it again.")
            % {"name": isolated(name)},
            "files",
        ) from error
    if har:
        # In its place: what closes the upload when the request ends closes this.
        upload.close()
        upload.file, upload.size = har.file, har.file.tell()
    upload.seek(0)
    return Checked(name, JSON_TYPE, upload, har.removed) if har else Checked(name, media_type, upload)


@contextmanager
def kept(files: Sequence[Checked]) -> Iterator[list[Stored]]:
    """Keep files around the transaction that makes their rows; without its commit none stays.

    No lock is held while they are written. Raises Refused where their place is away.
    """
    stored: list[Stored] = []
    try:
        stored.extend(_keep(checked) for checked in files)
        yield stored
    except BaseException as error:
        # The commit may have arrived, and then the rows are there. What nobody has, `check_media` lists.
        if not _answer_was_lost(error):
            file_storage.remove(file.id for file in stored)
        raise


def _answer_was_lost(error: BaseException) -> bool:
    return isinstance(error, OperationalError | InterfaceError) and not is_busy(error)


def _keep(checked: Checked) -> Stored:
    id = uuid.uuid4()  # noqa: A001  the column's name
    size, digest = 0, hashlib.sha256()
    for chunk in checked.chunks():
        digest.update(chunk)
        size += len(chunk)
    # The bare file: an upload would be moved from where it arrived, with the cookies that were taken out of it.
    content = checked.content.file
    assert content is not None
    try:
        file_storage.put(id, content, size)
    except StorageAway as error:
        logger.error("the storage of attachments took no file: %s", error)
        raise Refused(
            _("Files cannot be stored at the moment. Nothing was sent: try again in a few minutes, or without files."),
            "files",
            reason="conditionNotMet",
        ) from error
    return Stored(id, checked, size, digest.hexdigest())


def add_rows(case: Case, person: User, stored: Sequence[Stored]) -> list[Attachment]:
    """Make the rows of stored files; the case is locked. Raises Refused beyond a limit."""
    require_room(case, person, [file.size for file in stored])
    return Attachment.objects.bulk_create(
        Attachment(
            id=file.id,
            case=case,
            name=file.checked.name,
            media_type=file.checked.media_type,
            size=file.size,
            sha256=file.sha256,
            stripped=file.checked.stripped,
            uploaded_by=person,
        )
        for file in stored
    )


def download(attachment: Attachment, file: File[bytes]) -> FileResponse:
    """Return a file to be saved, never to be shown: whatever it is, no browser runs it as ours."""
    response = FileResponse(
        file,
        as_attachment=True,
        filename=attachment.name,
        content_type=_said(attachment.media_type),
    )
    headers: dict[str, Any] = {
        # Also where the storage breaks off: less than this is no file.
        "Content-Length": file.size,
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }
    for name, value in headers.items():
        response[name] = value
    return response


def _said(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type in {TEXT, JSON_TYPE} else media_type
