"""Files in a bucket that speaks S3: encrypted there, within time limits, and with bounded memory in both directions.

A storage of Django by the name `accounts.buckets.Bucket`, for STORAGES. Nothing in it has a URL: the application gives
files out itself, after its own check.
"""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress
from hashlib import md5
from typing import Any, Final, NoReturn

from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as NoConnection
from django.core.files.base import File
from storages.backends.s3 import S3Storage

AES256, KMS = "AES256", "aws:kms"
# Seconds to reach the server, and between two pieces of what it takes or sends. A person waits for a page meanwhile.
CONNECT_TIMEOUT: Final = 2
READ_TIMEOUT: Final = 5
# One more than the first: a connection that was kept may be closed by now.
ATTEMPTS: Final = 2


class NotEncrypted(Exception):
    """The server took a file and did not say that it is encrypted as it was told."""


class Bucket(S3Storage):
    """A bucket, with these OPTIONS besides `bucket_name`, `endpoint_url`, `region_name`, `access_key`, `secret_key`.

    Attributes:
        encryption: with which keys the server encrypts each file: AES256, its own, or aws:kms, those of a key service.
        kms_key: which key of the key service; by default the one of the bucket.
        write_once: let the server refuse a name that is taken.
    """

    encryption: str
    kms_key: str
    write_once: bool

    def get_default_settings(self) -> dict[str, Any]:
        """Return the options that may be given, and what they are by default."""
        defaults: dict[str, Any] = super().get_default_settings()
        return {**defaults, "encryption": AES256, "kms_key": "", "write_once": False}

    def __init__(self, **options: Any) -> None:
        # A server of one's own seldom has a host name for each bucket.
        style = "path" if options.get("endpoint_url") else "auto"
        config = Config(
            connect_timeout=CONNECT_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            s3={"addressing_style": style},
            # What only Amazon's own server understands is left out.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )
        super().__init__(**{"client_config": config, **options})

    @property
    def bucket(self) -> Any:
        """The bucket over the connection of this thread: what stands above a client is for one thread."""
        return self.connection.Bucket(self.bucket_name)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return the name as it is: names are random, or the server refuses one that is taken."""
        return name

    def _save(self, name: str, content: File[Any]) -> str:
        """Put a file in one request, so that it is there whole or not at all.

        Raises NotEncrypted, and ConnectionError where the server is away or says that it is not well.
        """
        wanted = {"ServerSideEncryption": self.encryption}
        if self.kms_key:
            wanted["SSEKMSKeyId"] = self.kms_key
        once = {"IfNoneMatch": "*"} if self.write_once else {}
        there = self.bucket.Object(self._normalize_name(name))
        # Amazon's server takes nothing without it where the bucket has object lock.
        wanted["ContentMD5"] = _md5(content)
        try:
            answer = there.put(
                Body=content.file, ContentLength=content.size, ContentType=self.default_content_type, **wanted, **once
            )
        except (HTTPClientError, NoConnection) as error:
            raise ConnectionError(str(error)) from error
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                raise ConnectionError(str(error)) from error
            raise
        if answer.get("ServerSideEncryption") != self.encryption:
            # The key of the seals may not delete.
            with suppress(ClientError, HTTPClientError, NoConnection):
                self.delete(name)
            raise NotEncrypted(f"the bucket {self.bucket_name} does not encrypt with {self.encryption}")
        return name

    def _open(self, name: str, mode: str = "rb") -> File[Any]:
        """Return a file to be read once, as it comes. Raises FileNotFoundError."""
        try:
            answer = self.bucket.Object(self._normalize_name(name)).get()
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                raise FileNotFoundError(name) from error
            raise
        file: File[Any] = File(answer["Body"], name)
        file.size = answer["ContentLength"]
        return file

    def url(self, *_arguments: Any, **_options: Any) -> NoReturn:
        """Refuse: who has the URL of a file would need nobody's consent."""
        raise NotImplementedError("files of a bucket have no URL")


def _md5(content: File[Any]) -> str:
    """Return the digest of a file as Content-MD5 has it, and go back to its beginning."""
    digest = md5(usedforsecurity=False)
    for chunk in content.chunks():
        digest.update(chunk)
    content.seek(0)
    return b64encode(digest.digest()).decode()
