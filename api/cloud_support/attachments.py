"""Files of a case: what was stored, storing one more, and giving one out (S11)."""

from __future__ import annotations

import logging
import uuid
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse

from accounts.errors import Refused
from api.cloud_support.asked import case_named, size_of
from api.cloud_support.showing import shown_file
from api.core.call import Call
from api.core.errors import ApiError, Invalid, NotFound
from api.core.methods import serves
from api.core.paging import page
from support import file_storage
from support.attachments import check, download
from support.case_downloads import record_download
from support.commenting import add_to_case
from support.file_storage import StorageAway
from support.models import Attachment, Case

logger: Final = logging.getLogger(__name__)


@serves("cloudsupport.cases.attachments.list")
def list_attachments(call: Call) -> dict[str, Any]:
    """Return the files of a case, the first one first."""
    case = case_named(call, call.params["parent"], "parent")
    files = case.attachments.select_related("uploaded_by")
    rows, token = page(call, files, keys=("uploaded_at", "id"), size=size_of(call))
    answer: dict[str, Any] = {"attachments": [shown_file(case, file) for file in rows]}
    return answer | ({"nextPageToken": token} if token else {})


@serves("cloudsupport.cases.attachments.get")
def get(call: Call) -> dict[str, Any]:
    """Return what is known about a file."""
    case, file = _file_named(call, call.params["name"])
    return shown_file(case, file)


@serves("cloudsupport.media.upload")
def upload(call: Call) -> dict[str, Any]:
    """Attach a file: with the limits of the page, the type by its content, and HAR files cleaned.

    The name is the one in the body, which stands in the query where the file is sent alone.
    """
    case = case_named(call, call.params["parent"], "parent")
    if call.media is None:
        raise Invalid("attachment", "Send the file: POST it to the upload URL of this method.")
    named: str = call.body.get("attachment", {}).get("filename", "")
    name = named or call.media.name
    if not name:
        raise Invalid("attachment.filename", "attachment.filename is required.")
    sent: UploadedFile[Any] = UploadedFile(call.media.open(), name=name, size=call.media.size)
    try:
        [file] = add_to_case(actor=call.actor, case_id=case.pk, text="", files=check([sent])).files
    except Refused as refused:
        if isinstance(refused.__cause__, StorageAway):
            raise _away() from refused
        raise
    finally:
        sent.close()
    return shown_file(case, file)


@serves("cloudsupport.media.download")
def give_out(call: Call) -> dict[str, Any] | FileResponse:
    """Give out a file, where `alt` is media; it is recorded who took it. Otherwise say what it is."""
    _case, file = _file_named(call, call.params["name"])
    if call.alt != "media":
        return {"filename": file.name, "contentType": file.media_type, "length": str(file.size)}
    try:
        content = file_storage.opened(file.pk)
    except FileNotFoundError as error:
        logger.error("the file %s of case %s is not in the storage of attachments", file.pk, file.case_id)
        raise NotFound("name") from error
    except StorageAway as error:
        logger.error("the storage of attachments gave no file: %s", error)
        raise _away() from error
    try:
        record_download(actor=call.actor, attachment_id=file.pk)
    except BaseException:
        content.close()
        raise
    return download(file, content)


def _file_named(call: Call, name: str) -> tuple[Case, Attachment]:
    case = case_named(call, name)
    try:
        file_id = uuid.UUID(name.rpartition("/")[2])
    except ValueError as error:
        raise NotFound("name") from error
    file = case.attachments.select_related("uploaded_by").filter(pk=file_id).first()
    if file is None:
        raise NotFound("name")
    return case, file


def _away() -> ApiError:
    return ApiError(503, "backendError", "The storage of files is away. Try again in a few minutes.")
