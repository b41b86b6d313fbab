"""Batches as clients send them, and what each part of the answer says."""

from __future__ import annotations

from typing import Any

from tests.api.serving import Caller


def part(request: str, headers: str = "", body: str = "", name: str = "1") -> str:
    return f"--b\r\nContent-Type: application/http\r\nContent-ID: <{name}>\r\n\r\n{request}\r\n{headers}\r\n{body}\r\n"


def batch(caller: Caller, *parts: str, path: str = "/batch", end: str = "--b--\r\n", **headers: str) -> Any:
    kind = "multipart/mixed; boundary=b"
    return caller.send("POST", path, "".join(parts) + end, kind=kind, **headers)


def statuses(answer: Any) -> list[int]:
    lines = answer.content.decode().splitlines()
    return [int(line.split()[1]) for line in lines if line.startswith("HTTP/1.1")]
