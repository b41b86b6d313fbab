"""Anyone who can write to Redis must not be able to end workers: what is no message of ours is dropped and logged."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psutil
import pytest
import redis

from accounts.background.nudging import nudge
from tests import servers
from tests.faults.crowd import assert_everything_is_effective_exactly_once, begin_relations, eventually
from tests.servers import CeleryWorker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

QUEUE = "access"
TASK = "subscriptions.tasks.apply_due_changes"
HEADERS = {"lang": "py", "task": TASK, "id": "1", "root_id": "1", "parent_id": None, "group": None}
SOUND: dict[str, Any] = {
    "body": "W1tdLCB7fSwge31d",  # [[], {}, {}]
    "content-encoding": "utf-8",
    "content-type": "application/json",
    "headers": HEADERS,
    "properties": {
        "correlation_id": "1",
        "reply_to": "",
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": QUEUE},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": "one",
    },
}


def but(**changes: Any) -> bytes:
    """A message of ours with something else in some places; None takes the place away."""
    message = {**SOUND, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return json.dumps({name: value for name, value in message.items() if value is not None}).encode()


def but_properties(**changes: Any) -> bytes:
    return but(properties={**SOUND["properties"], **changes})


def but_headers(**changes: Any) -> bytes:
    return but(headers={**HEADERS, **changes})


# Those of the list below, beside what is no JSON, from which no task of the queue can be read; the others are done.
NONE_OF_OURS = 15
GARBAGE = {
    "nothing": b"",
    "no JSON": b"hello",
    "bytes": b"\xff\xfe\x00\x01",
    "half a message": but()[:100],
    "nested too deep": b"[" * 100_000,
    "a number": b"7",
    "null": b"null",
    "a list": b"[]",
    "an object": b"{}",
    "no headers": but(headers=None),
    "headers of another kind": but(headers=["task"]),
    "empty headers": but(headers={}),
    "no properties": but(properties=None),
    "empty properties": but(properties={}),
    "no delivery tag": but_properties(delivery_tag=None),
    "no delivery info": but_properties(delivery_info=None),
    "an empty delivery info": but_properties(delivery_info={}),
    "another encoding of the body": but_properties(body_encoding="rot13"),
    "a body that is not in its encoding": but(body="é"),
    "a body of another kind": but(body={"a": 1}),
    "a body that is no JSON": but(body="aGVsbG8="),
    "a body of another shape": but(body="e30="),
    "arguments of another shape": but(body="WzEsIDIsIDNd"),
    "no body": but(body=None),
    "another type": but(content_type="application/x-python-serialize"),
    "no type": but(content_type=None),
    "a type of another kind": but(content_type=7),
    "another charset": but(content_encoding="utf-99"),
    "a task that is none of ours": but_headers(task="os.system"),
    "a task of another kind": but_headers(task=["a"]),
    "a time of another kind": but_headers(eta="soon", expires={"a": 1}),
    "a limit of another kind": but_headers(timelimit="no"),
    "no id": but(headers={"task": TASK}),
    "an id of another kind": but_headers(id={"a": 1}),
    "arguments that the task does not take": but(body="W1sxLCAyXSwge30sIHt9XQ=="),
}


def test_what_is_no_message_is_dropped_and_logged_and_the_worker_goes_on(
    start_worker: Callable[..., CeleryWorker],
) -> None:
    worker = start_worker()
    process = psutil.Process(worker.pid)
    with redis.Redis.from_url(servers.broker_url()) as client:
        for garbage in GARBAGE.values():
            client.rpush(QUEUE, garbage)
        eventually(lambda: client.llen(QUEUE) == 0)
    begin_relations(3)
    nudge(TASK)
    assert_everything_is_effective_exactly_once()
    assert process.is_running()
    assert psutil.Process(worker.pid) == process
    said = worker.log.read_text()
    assert said.count("a message that is not JSON was dropped") == 5
    assert said.count("that is none of ours was dropped") == NONE_OF_OURS
    assert "Traceback" not in said
