"""How the pages of confirmation say what is done with several rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models.jobs import BulkAction, JobKind


@dataclass(frozen=True, slots=True)
class Words:
    """One action. button: in the bar of a list; fields: what is chosen beside it; is_grave: whether it takes away."""

    button: Promise
    title: Promise
    consequence: Promise
    fields: Collection[str] = ()
    is_grave: bool = False


_USERS: Final[Mapping[BulkAction, Words]] = {
    BulkAction.SUSPEND: Words(
        _("Suspend"),
        _("Suspend users"),
        _("They are signed out at once and cannot sign in until someone restores them. Nothing of theirs is lost."),
        is_grave=True,
    ),
    BulkAction.RESTORE: Words(
        _("Restore"),
        _("Restore users"),
        _("They can sign in again, with the roles they had. Deleted users are restored on their own pages."),
    ),
    BulkAction.MOVE: Words(
        _("Move"), _("Move users"), _("The settings of the unit that you choose apply to them at once."), ("org_unit",)
    ),
    BulkAction.ASSIGN_LICENCES: Words(
        _("Assign licences"),
        _("Assign licences"),
        _("Each gets a licence of the subscription that you choose, by the order of names, while seats are free."),
        ("subscription", "switch"),
    ),
    BulkAction.UNASSIGN_LICENCES: Words(
        _("Revoke licences"),
        _("Revoke licences"),
        _("They can no longer use the subscription that you choose, and their seats are free for others. Data stays."),
        ("subscription", "stays_away"),
        is_grave=True,
    ),
    BulkAction.ADD_TO_GROUP: Words(
        _("Add to a group"),
        _("Add users to a group"),
        _("They become members of the group and get its mail. Existing members keep their role."),
        ("group",),
    ),
    BulkAction.REMOVE_FROM_GROUP: Words(
        _("Remove from a group"),
        _("Remove users from a group"),
        _("They get no mail of the group any more. They can be added again."),
        ("group",),
        is_grave=True,
    ),
    BulkAction.PASSWORD_MAIL: Words(
        _("Send password link"),
        _("Send the link to choose a password"),
        _(
            "Users without a password get a mail with a link that works once, for 72 hours. Those who have a password"
            " are left out."
        ),
    ),
    BulkAction.DELETE: Words(
        _("Delete"),
        _("Delete users"),
        _(
            "They are signed out at once, and lose their admin roles and licences. For 20 days each can be restored on"
            " its own page; then they are removed for good."
        ),
        is_grave=True,
    ),
}
_DEVICES: Final[Mapping[BulkAction, Words]] = {
    BulkAction.APPROVE: Words(
        _("Approve"),
        _("Approve devices"),
        _("They count as devices of the organisation from now on. Blocked ones are unblocked."),
    ),
    BulkAction.BLOCK: Words(
        _("Block"),
        _("Block devices"),
        _(
            "The organisation’s data can no longer be reached from these devices. They stay enrolled and can be"
            " unblocked."
        ),
        is_grave=True,
    ),
    BulkAction.MOVE: Words(
        _("Move"),
        _("Move devices"),
        _("The settings of the unit that you choose apply to them at once. What was approved stays approved."),
        ("org_unit",),
    ),
    BulkAction.REMOVE: Words(
        _("Remove"),
        _("Remove devices"),
        _(
            "They are taken out of the organisation. To have them back, they must be enrolled again. The audit log"
            " keeps what they were."
        ),
        ("reason",),
        is_grave=True,
    ),
}
_GROUPS: Final[Mapping[BulkAction, Words]] = {
    BulkAction.ADD_PEOPLE: Words(
        _("Add people"),
        _("Add people to groups"),
        _("The people that you name become members of each group. Existing members keep their role."),
        ("people",),
    ),
    BulkAction.DELETE: Words(
        _("Delete"),
        _("Delete groups"),
        _("Their addresses are free again, and mail to them reaches nobody. The people in them stay."),
        is_grave=True,
    ),
}
WORDS: Final[Mapping[str, Mapping[BulkAction, Words]]] = {
    JobKind.CHANGE_USERS: _USERS,
    JobKind.CHANGE_DEVICES: _DEVICES,
    JobKind.CHANGE_GROUPS: _GROUPS,
}
