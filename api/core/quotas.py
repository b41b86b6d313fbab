"""Quotas of methods: reading and writing of each API by themselves, for each service account."""

from __future__ import annotations

from django.conf import settings

from accounts.machines.quotas import seconds_to_wait
from api.core.documents import Endpoint
from api.core.entrance import Entered
from api.core.errors import ApiError


def require_quota(entered: Entered, endpoint: Endpoint) -> None:
    """Count a call, and raise ApiError where its account makes too many in this minute."""
    reads = endpoint.http_method == "GET"
    family = f"{endpoint.document.name} {endpoint.document.version} {'read' if reads else 'write'}"
    limit = settings.API_READS_PER_MINUTE if reads else settings.API_WRITES_PER_MINUTE
    if seconds := seconds_to_wait(entered.account_id, family, limit):
        message = "Quota exceeded: this service account makes too many calls. Try again in the next minute."
        raise ApiError(429, "rateLimitExceeded", message, headers={"Retry-After": str(seconds)})
