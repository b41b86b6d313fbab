"""The kinds of jobs: a file for each, and which is which."""

from __future__ import annotations

from accounts.models.jobs import JobKind
from jobs.kinds import change_users, import_devices, import_users
from jobs.kinds.kind import Kind

KINDS: dict[str, Kind] = {
    JobKind.IMPORT_USERS: import_users.KIND,
    JobKind.CHANGE_USERS: change_users.KIND,
    JobKind.IMPORT_DEVICES: import_devices.KIND,
}
