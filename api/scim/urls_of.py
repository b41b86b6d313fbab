"""Where a resource is found: below the address under which people reach the console too."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from scim2_models import Meta


def meta(resource_type: str, path: str, created: datetime | None = None) -> Meta:
    """Return what is said of a resource beside what it is."""
    return Meta(resource_type=resource_type, location=url_at(path), created=created)


def url_at(path: str) -> str:
    return settings.CONSOLE_URL.rstrip("/") + path
