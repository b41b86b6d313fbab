"""Whether the place takes files where those of cases go: tried at the start of a web server, by keeping one (E019)."""

from __future__ import annotations

import logging
from tempfile import TemporaryFile

from django.conf import settings

from support.file_storage import StorageAway, try_out

logger = logging.getLogger(__name__)

FOLDER = "support.file_storage.Folder"
_HINT = "It must let us put, get, list and delete, and encrypt what it is given (docs/machines.md)."


def files_can_be_kept() -> tuple[str, str] | None:
    """Return what is wrong with the place where the files of cases go, and what to do; None where it keeps one.

    One that is away stops nobody: web servers start without files, as they do without a database.
    """
    hint = "Mount the volume of the files there, or create it once, owned by the account of the web server."
    if settings.ATTACHMENTS_STORAGE["BACKEND"] == FOLDER and "location" not in settings.ATTACHMENTS_STORAGE["OPTIONS"]:
        try:
            with TemporaryFile(dir=settings.MEDIA_ROOT):
                return None
        except OSError as error:
            return f"MEDIA_ROOT is no directory that can be written to: {error}.", hint
    try:
        try_out()
    except StorageAway as error:
        if not isinstance(error.__cause__, ConnectionError):
            return f"ATTACHMENTS_STORAGE takes no files: {error}.", _HINT
        logger.warning("the storage of attachments could not be tried: %s", error)
    return None
