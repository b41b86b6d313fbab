from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from accounts.seals.proofs import known_keys
from web.guards import everybody


@require_safe
@everybody
def audit_seal_keys(request: HttpRequest) -> JsonResponse:
    """Say by which keys the seals of the audit log are checked: auditors need no account for it (A5)."""
    return JsonResponse(
        {"keys": [{"public_key": key.public, "first_used_at": key.first_used_at} for key in known_keys()]}
    )
