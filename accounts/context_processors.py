from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """What every page of the shell needs."""
    return {"vendor_name": settings.VENDOR_NAME, "demo": settings.DEMO}
