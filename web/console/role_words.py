"""What a role lets someone do, in words for the people who give it (P3). The rights themselves: roles.py."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role

DESCRIPTIONS: dict[Role, Promise] = {
    Role.SUPER_ADMIN: _(
        "Everything in this console: users and their passwords, admin roles, reseller access, subscriptions, "
        "billing, support and the audit log."
    ),
    Role.SUPPORT_MANAGER: _("Chooses support partners and contracts, files cases and reads them."),
    Role.SUPPORT: _("Files support cases and reads them."),
    Role.USER_MANAGEMENT_ADMIN: _(
        "Creates, changes, suspends and deletes users who hold no admin role, resets their passwords, and manages "
        "groups and organisational units."
    ),
    Role.HELP_DESK_ADMIN: _("Sees users, and resets the passwords of those who hold no admin role."),
    Role.AUDITOR: _("Sees everything, the audit log and billing too, and changes nothing."),
}
