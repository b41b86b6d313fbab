"""A server that speaks S3, as a process of its own: moto, which is Python alone, behind the protocol that boto3 speaks.

It keeps buckets in memory, remembers how each file is to be encrypted, and refuses what Amazon's refuses.
"""

from __future__ import annotations

import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, HTTPClientError

from reseller_console.local import places, processes
from reseller_console.local.processes import Child
from reseller_console.local.valkey import free_port

BUCKET = "files"
# Seconds; it takes about two.
START_LIMIT = 60.0
CREDENTIALS = {"region_name": "eu-west-1", "access_key": "of-a-test", "secret_key": "sesame"}


@dataclass
class S3:
    """One server with one bucket.

    Attributes:
        log: takes a line for each request.
    """

    log: Path
    port: int = field(default_factory=free_port)
    _child: Child | None = None

    def start(self) -> None:
        """Start it, wait until it answers, and make the bucket."""
        with self.log.open("ab") as log:
            argv = [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(self.port)]
            self._child = processes.start(argv, cwd=places.CHECKOUT, stdout=log, stderr=log)
        deadline = time.monotonic() + START_LIMIT
        while True:
            try:
                self.client.create_bucket(
                    Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": CREDENTIALS["region_name"]}
                )
            except (EndpointConnectionError, HTTPClientError):
                if self._child.popen.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"the S3 server did not start:\n{self.log.read_text(errors='replace')[-3000:]}")
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        """End it; what is in it is gone."""
        if self._child:
            processes.stop(self._child)
            self._child = None

    @property
    def client(self) -> Any:
        """A client of its own, to look behind the application's back."""
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name=CREDENTIALS["region_name"],
            aws_access_key_id=CREDENTIALS["access_key"],
            aws_secret_access_key=CREDENTIALS["secret_key"],
        )

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def empty(self) -> None:
        """Remove every file."""
        for key in self.names():
            self.client.delete_object(Bucket=BUCKET, Key=key)

    def names(self) -> list[str]:
        """Return the names of the files that are there."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return [entry["Key"] for page in pages for entry in page.get("Contents", ())]

    def head(self, key: str) -> dict[str, Any]:
        """Return what the server says about a file."""
        found: dict[str, Any] = self.client.head_object(Bucket=BUCKET, Key=key)
        return found

    def is_there(self, key: str) -> bool:
        try:
            self.head(key)
        except ClientError:
            return False
        return True


def bucket(url: str, **options: Any) -> dict[str, Any]:
    """A storage for STORAGES at a server."""
    values = {"bucket_name": BUCKET, "endpoint_url": url, **CREDENTIALS, **options}
    return {"BACKEND": "accounts.buckets.Bucket", "OPTIONS": values}


class _Locked(BaseHTTPRequestHandler):
    """A bucket with object lock, as at Amazon: it takes nothing without its digest, and removes nothing for us."""

    encrypts = True

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        right = b64encode(md5(body, usedforsecurity=False).digest()).decode()
        self._answer(200 if self.headers["Content-MD5"] == right else 400)

    def do_DELETE(self) -> None:
        self._answer(403)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        if self.encrypts:
            self.send_header("x-amz-server-side-encryption", "AES256")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


class _Forgetful(_Locked):
    """It says nothing of encryption, as a server without it may."""

    encrypts = False


@contextmanager
def locked_server(*, encrypts: bool = True) -> Iterator[str]:
    """A server whose bucket has object lock; its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Locked if encrypts else _Forgetful) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
