"""What resellers did with their access to a console, and which rights that took (R23)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from django.db.models import Max, Min, Q
from django.db.models.fields.json import KT

from accounts.models import AuditEvent, ConsoleSession, Customer, OpenedPage
from accounts.models.event_names import EventName
from accounts.models.jobs import BulkAction
from accounts.permissions import Permission

# Returns what a page of a console needs, by its path below the console's own; None: nobody knows any more.
Opens = Callable[[str], Permission | None]

_USERS, _GROUPS, _UNITS = Permission.MANAGE_USERS, Permission.MANAGE_GROUPS, Permission.MANAGE_ORG_UNITS
_DEVICES, _LICENCES, _CASES = Permission.MANAGE_DEVICES, Permission.ASSIGN_LICENCES, Permission.FILE_CASES

# Which right it took to do what: every event that an agent can write in a console, and no other.
NEEDED: Final[Mapping[str, Permission]] = MappingProxyType(
    {
        EventName.RESELLER_CONSOLE_ENTERED: Permission.VIEW_CONSOLE,
        EventName.RESELLER_CONSOLE_LEFT: Permission.VIEW_CONSOLE,
        EventName.CREATE_USER: _USERS,
        EventName.INVITE_USER: _USERS,
        EventName.CHANGE_USER: _USERS,
        EventName.RENAME_USER: _USERS,
        EventName.ADD_ALIAS: _USERS,
        EventName.REMOVE_ALIAS: _USERS,
        EventName.SUSPEND_USER: _USERS,
        EventName.UNSUSPEND_USER: _USERS,
        EventName.DELETE_USER: _USERS,
        EventName.UNDELETE_USER: _USERS,
        EventName.MOVE_USER_TO_ORG_UNIT: _USERS,
        EventName.RESET_PASSWORD: Permission.RESET_PASSWORDS,
        EventName.DEMAND_NEW_PASSWORD: Permission.RESET_PASSWORDS,
        EventName.RESET_SIGNIN_COOKIES: _USERS,
        # Files of devices are among them; who may manage users may manage devices (levels.py).
        EventName.BULK_UPLOAD: _USERS,
        EventName.BULK_CHANGE: _USERS,
        EventName.BULK_STOPPED: _USERS,
        EventName.CREATE_GROUP: _GROUPS,
        EventName.CHANGE_GROUP: _GROUPS,
        EventName.DELETE_GROUP: _GROUPS,
        EventName.ADD_GROUP_ALIAS: _GROUPS,
        EventName.REMOVE_GROUP_ALIAS: _GROUPS,
        EventName.ADD_GROUP_MEMBER: _GROUPS,
        EventName.UPDATE_GROUP_MEMBER: _GROUPS,
        EventName.REMOVE_GROUP_MEMBER: _GROUPS,
        EventName.CREATE_ORG_UNIT: _UNITS,
        EventName.EDIT_ORG_UNIT: _UNITS,
        EventName.MOVE_ORG_UNIT: _UNITS,
        EventName.REMOVE_ORG_UNIT: _UNITS,
        EventName.ENROLL_DEVICE: _DEVICES,
        EventName.APPROVE_DEVICE: _DEVICES,
        EventName.BLOCK_DEVICE: _DEVICES,
        EventName.REMOVE_DEVICE: _DEVICES,
        EventName.MOVE_DEVICE_TO_ORG_UNIT: _DEVICES,
        EventName.UPDATE_DEVICE: _DEVICES,
        EventName.USER_LICENSE_ASSIGNMENT: _LICENCES,
        EventName.USER_LICENSE_REVOKE: _LICENCES,
        EventName.CHANGE_LICENSE_AUTO_ASSIGN: _LICENCES,
        EventName.CREATE_CASE: _CASES,
        EventName.COMMENT_CASE: _CASES,
        EventName.CHANGE_CASE_STATE: _CASES,
        EventName.CHANGE_CASE_PRIORITY: _CASES,
        EventName.CHANGE_CASE_TITLE: _CASES,
        EventName.CHANGE_CASE_SUBSCRIBERS: _CASES,
        EventName.ESCALATE_CASE: _CASES,
        EventName.CLOSE_CASE: _CASES,
        EventName.REOPEN_CASE: _CASES,
        EventName.RATE_CASE: _CASES,
        EventName.ATTACH_TO_CASE: _CASES,
        EventName.DOWNLOAD_CASE_ATTACHMENT: Permission.VIEW_CASES,
    }
)
# Of bulk changes by what they do, where that is another right; the events of the rows say the rest.
BULK_NEEDED: Final[Mapping[str, Permission]] = MappingProxyType(
    {BulkAction.ASSIGN_LICENCES: _LICENCES, BulkAction.UNASSIGN_LICENCES: _LICENCES}
)


@dataclass
class Use:
    """What one reseller did in a console since some moment.

    needed: the rights that it took; is_known: False where something of it cannot be told, so that nothing follows.
    """

    needed: set[Permission] = field(default_factory=set)
    is_known: bool = True

    def add(self, permission: Permission | None) -> None:
        if permission is None:
            self.is_known = False
        else:
            self.needed.add(permission)


def last_visits(customer: Customer) -> dict[int, datetime]:
    """Return for each reseller, by its id, when one of its people was last in a console; one query."""
    seen = ConsoleSession.objects.filter(customer=customer).order_by().values_list("reseller")
    return dict(seen.annotate(last=Max("last_seen_at")))


def used_since(customer: Customer, resellers: Collection[int], since: datetime, opens: Opens) -> dict[int, Use]:
    """Return what these resellers did in a console since a moment: three queries, however much it was.

    A visit without a record, from before there were any, leaves unknown what was done in it.
    """
    visits = ConsoleSession.objects.filter(customer=customer, reseller__in=resellers, last_seen_at__gte=since)
    rows = list(visits.values_list("pk", "reseller", "keeps_record"))
    used = {reseller: Use() for _pk, reseller, _keeps in rows}
    of = {pk: used[reseller] for pk, reseller, _keeps in rows}
    for pk, _reseller, keeps_record in rows:
        of[pk].is_known = of[pk].is_known and keeps_record
    if not of:
        return used
    during = Q(console_session_id__in=of, actor_reseller_id__isnull=False)
    events = AuditEvent.objects.filter(during).order_by().annotate(action=KT("new_value__bulk_action"))
    for visit, name, action in events.values_list("console_session_id", "name", "action").distinct():
        of[visit or 0].add(BULK_NEEDED.get(action or "") or NEEDED.get(name))
    pages = OpenedPage.objects.filter(console_session__in=of).order_by().values_list("console_session", "page")
    for visit, _page, path in pages.annotate(one=Min("path")):
        of[visit].add(opens(path))
    return used
