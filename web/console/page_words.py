"""What the pages of a console that external users may open are called in the record of a visit (R23)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import OpenedPage
from accounts.wording import labelled

# By the name of the URL; tests/web/console/test_visit_page.py asks for every page that is open to agents.
PAGES: Final[dict[str, Promise]] = {
    "console_home": _("Home"),
    "console_search": pgettext_lazy("page", "Search"),
    "console_people": _("Suggestions of people"),
    "users": _("Users"),
    "user": _("User"),
    "user_new": _("Add user"),
    "user_edit": _("Edit a user"),
    "user_invite": _("Invite a user"),
    "user_suspend": _("Suspend a user"),
    "user_restore": _("Restore a user"),
    "user_delete": _("Delete a user"),
    "user_undelete": _("Restore a deleted user"),
    "user_reset_password": _("Reset a password"),
    "user_add_alias": _("Add an alias"),
    "user_remove_alias": _("Remove an alias"),
    "user_licences": _("Licences of a user"),
    "users_bulk": _("Change several users"),
    "import_users": _("Import users"),
    "import_users_template": _("Template for users, downloaded"),
    "jobs": _("Files and bulk changes"),
    "job": _("File or bulk change"),
    "job_lines": _("Lines of a file, downloaded"),
    "groups": _("Groups"),
    "group": _("Group"),
    "group_create": _("Create a group"),
    "group_edit": _("Edit a group"),
    "group_delete": _("Delete a group"),
    "group_add_alias": _("Add an alias of a group"),
    "group_remove_alias": _("Remove an alias of a group"),
    "group_members_add": _("Add members to a group"),
    "group_member_role": _("Role in a group"),
    "group_member_remove": _("Remove a member from a group"),
    "org_units": _("Organisational units"),
    "org_unit": _("Organisational unit"),
    "org_unit_create": _("Create a unit"),
    "org_unit_edit": _("Edit a unit"),
    "org_unit_move": _("Move a unit"),
    "org_unit_delete": _("Delete a unit"),
    "devices": _("Devices"),
    "device": _("Device"),
    "device_enrol": _("Enrol a device"),
    "devices_change": _("Change devices"),
    "devices_bulk": _("Change several devices"),
    "groups_bulk": _("Change several groups"),
    "licences_bulk": _("Change several licences"),
    "import_devices": _("Enrol devices from a file"),
    "import_devices_template": _("Template for devices, downloaded"),
    "subscriptions": _("Subscriptions"),
    "subscription": _("Subscription"),
    "licences": _("Licences"),
    "subscription_licences": _("Licences of a subscription"),
    "licences_assign": _("Assign licences"),
    "licences_unit": _("Licences by organisational unit"),
    "licences_automatic": _("Automatic licences"),
    "support_home": _("Support"),
    "support_cases": _("Cases"),
    "support_cases_export": _("Cases, downloaded"),
    "support_case_new": _("New case"),
    "support_case": _("Case"),
    "support_case_file": _("File of a case"),
}
# What lists are filtered by; any other key is shown as it stands in the URL.
_KEYS: Final[dict[str, Promise]] = {
    "q": _("Search"),
    "status": _("Status"),
    "unit": _("Organisational unit"),
    "role": _("Role"),
    "kind": _("Type"),
    "service": _("Service"),
    "priority": _("Priority"),
    "since": _("From"),
    "until": _("To"),
    "order": _("Sort by"),
    "show": _("Show"),
}


@dataclass(frozen=True, slots=True)
class OpenedLine:
    """A page that was opened, as a person reads it."""

    row: OpenedPage
    page: str
    asked: str


def opened_line(row: OpenedPage) -> OpenedLine:
    """Put a page that was opened into words."""
    asked = [labelled(_KEYS.get(key, key), value) for key, value in QueryDict(row.filter).items() if value]
    return OpenedLine(row, str(PAGES.get(row.page, row.path)), "; ".join(asked))
