"""Limits of uploads while they arrive, before anything is kept of them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class LimitedUpload(FileUploadHandler):
    """Drops a file as soon as it is too large, every one too many, and all of people who have not signed in.

    It stands in front of Django's own handlers, so that what it drops takes neither memory nor disk. The
    names of files that were too large are left on the request, for the form to say so.
    """

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.count = 0
        self.arrived = 0
        if self.request is not None:
            self.request.dropped_files = []  # type: ignore[attr-defined]

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.count += 1
        self.arrived = 0
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            raise SkipFile
        if self.count > settings.ATTACHMENTS_PER_FORM:
            self._drop()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.arrived += len(raw_data)
        if self.arrived > settings.ATTACHMENT_MB * 1024 * 1024:
            self._drop()
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        return None

    def _drop(self) -> None:
        self.request.dropped_files.append(self.file_name or "")  # type: ignore[union-attr]
        raise SkipFile
