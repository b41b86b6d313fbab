"""What the URLs begin with that programs call: answered in a small stack of their own (stack.py). Plain values only."""

from __future__ import annotations

from typing import Final

# Of the methods in the documents; of batches, uploads and the documents themselves.
CALLS: Final = (
    "/admin/directory/v1/",
    "/admin/directory_v1/",
    "/admin/reports/v1/",
    "/admin/reports_v1/",
    "/apps/licensing/v1/",
    "/apps/reseller/v1/",
    "/groups/v1/",
    "/access/v1/",
    "/v2/",
    "/v2beta/",
    "/upload/",
    "/resumable/",
    "/batch",
    "/discovery/v1/",
    "/$discovery/",
)
# Of the door: where tokens are had, and what is published about them (api/door/).
DOOR: Final = (
    "/token",
    "/tokeninfo",
    "/revoke",
    "/oauth2/",
    "/robot/v1/",
    "/.well-known/openid-configuration",
)
ALL: Final = CALLS + DOOR
