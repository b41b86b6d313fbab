"""The way to the broker, which drops what is no message: anyone who can write to Redis must not be able to end workers.

kombu and Celery expect every message to be one of theirs, down to the last header; one that is not ends the worker,
and the next one. So two things only are taken from a message: its queue, and whether it asks for a sweep.
"""

from __future__ import annotations

import json
import logging
from base64 import b64decode, b64encode
from typing import Any
from uuid import uuid4

from django.conf import settings
from kombu.transport import redis

logger = logging.getLogger(__name__)

# What is raised over input that nobody expected.
_SURPRISES = (AttributeError, LookupError, RecursionError, TypeError, ValueError)


class _Dropping:
    """A channel that takes messages from the queues, and drops what cannot be read."""

    def _brpop_read(self, **options: Any) -> bool:
        """Read the answer of Redis and deliver the message in it, which is off the queue by then."""
        try:
            return super()._brpop_read(**options)  # type: ignore[misc, no-any-return]
        except (RecursionError, ValueError) as error:
            logger.error("a message that is not JSON was dropped: %s", error)
            return True


class _Judging:
    """A transport that hands messages to the consumer of their queue, and drops what is none of ours."""

    def _deliver(self, message: Any, queue: str | None) -> None:
        try:
            super()._deliver(  # type: ignore[misc]
                _message(message, queue) if queue in settings.SWEEPS else message, queue
            )
        except _SURPRISES as error:
            logger.error("a message in %s that is none of ours was dropped: %r", queue, error)


class Channel(_Dropping, redis.Channel):
    """To a server by its name."""


class Transport(_Judging, redis.Transport):
    """To a server by its name."""

    Channel = Channel


class SentinelChannel(_Dropping, redis.SentinelChannel):
    """To the server that the Sentinels call the primary."""


class SentinelTransport(_Judging, redis.SentinelTransport):
    """To the server that the Sentinels call the primary."""

    Channel = SentinelChannel


def _message(received: Any, queue: str) -> dict[str, Any]:
    """Write the message that was meant. Raises one of the surprises where none was."""
    task = settings.SWEEPS[queue].task
    if received["headers"]["task"] != task:
        raise ValueError("another task")
    _positional, arguments, _embedded = json.loads(b64decode(received["body"]))
    body = json.dumps([[], {"swept": arguments.get("swept") is True}, {}])
    return {
        "body": b64encode(body.encode()).decode(),
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "headers": {"lang": "py", "task": task, "id": str(uuid4())},
        "properties": {
            "body_encoding": "base64",
            "delivery_tag": str(uuid4()),
            "delivery_info": {"exchange": "", "routing_key": queue},
        },
    }
