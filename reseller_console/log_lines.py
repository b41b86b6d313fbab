"""How a line of the log looks: text for people, JSON for what collects it; neither holds a secret."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any, Final

from celery import current_task
from django.conf import settings
from pythonjsonlogger.json import JsonFormatter

from reseller_console.log_secrets import without_secrets
from reseller_console.requests import about, answering

TEXT: Final = "%(asctime)s %(levelname)s %(name)s %(message)s"


class TextLines(logging.Formatter):
    """One line for each record, as people read it, and a traceback below it."""

    def __init__(self) -> None:
        super().__init__(TEXT)

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        return without_secrets(super().format(record))


class JsonLines(JsonFormatter):
    """One object for each record. Only what is named here gets in: others put whole requests beside a message."""

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False)

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Put together what a line says."""
        log_data |= {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_secrets(record.getMessage()),
        }
        if found := answering():
            log_data |= about(found) | getattr(record, "measured", {})
        if current_task and current_task.request.id:
            log_data |= {"task": current_task.name, "task_id": current_task.request.id}
        for name in ("exc_info", "stack_info"):
            if said := message_dict.get(name):
                log_data[name] = without_secrets(said)


def formatter() -> logging.Formatter:
    """Return what LOG_FORMAT asks for."""
    return JsonLines() if settings.LOG_FORMAT == "json" else TextLines()
