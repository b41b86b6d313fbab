"""The events of the audit log by subject, as its filter offers them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.audit import EventName as E

# By what stands for the group in the address of a page.
GROUPS: Final[dict[str, tuple[Promise, tuple[E, ...]]]] = {
    "access": (
        gettext_lazy("Reseller access"),
        (
            E.CHANGE_RESELLER_ACCESS,
            E.CHANGE_RESELLER_ACCESS_FOR_SKU,
            E.RESELLER_ACCESS_APPLIED,
            E.RESELLER_ACCESS_SUPERSEDED,
            E.RESELLER_ACCESS_FAILED,
            E.RESELLER_ACCESS_ENDED,
            E.CHANGE_ACCESS_POLICY,
            E.REPAIR_RESELLER_ACCESS,
            E.RESTORE_BACKUP,
            E.SNOOZE_FINDING,
            E.UNSNOOZE_FINDING,
        ),
    ),
    "requests": (
        gettext_lazy("Requests and activations"),
        (
            E.REQUEST_RESELLER_ACCESS,
            E.APPROVE_ACCESS_REQUEST,
            E.REJECT_ACCESS_REQUEST,
            E.WITHDRAW_ACCESS_REQUEST,
            E.REQUEST_ACTIVATION,
            E.APPROVE_ACTIVATION,
            E.REJECT_ACTIVATION,
            E.ACTIVATE_RESELLER_ACCESS,
            E.END_ACTIVATION,
        ),
    ),
    "reviews": (
        gettext_lazy("Reviews of access"),
        (
            E.START_ACCESS_REVIEW,
            E.DECIDE_REVIEW_LINE,
            E.FINISH_ACCESS_REVIEW,
            E.REVIEW_DEADLINE_PASSED,
            E.CHANGE_REVIEW_SCHEDULE,
        ),
    ),
    "visits": (
        gettext_lazy("Visits from outside"),
        (
            E.RESELLER_CONSOLE_ENTERED,
            E.RESELLER_CONSOLE_LEFT,
            E.END_CONSOLE_SESSION,
            E.REPORT_CONSOLE_SESSION,
            E.CHANGE_CONSOLE_ENTRY_REASON,
        ),
    ),
    "two-people": (
        gettext_lazy("Decisions of two people"),
        (
            E.CHANGE_TWO_PEOPLE,
            E.PROPOSE_CHANGE,
            E.APPROVE_PROPOSAL,
            E.REJECT_PROPOSAL,
            E.WITHDRAW_PROPOSAL,
            E.END_PROPOSAL,
            E.EMERGENCY_CHANGE,
        ),
    ),
    "organisations": (
        gettext_lazy("Organisations and roles"),
        (
            E.CREATE_CUSTOMER,
            E.LAPSE_REGISTRATION,
            E.CHANGE_CUSTOMER,
            E.DOMAIN_IN_USE,
            E.CREATE_RESELLER,
            E.SUSPEND_RESELLER,
            E.UNSUSPEND_RESELLER,
            E.ASSIGN_ROLE,
            E.UNASSIGN_ROLE,
        ),
    ),
    "domains": (
        gettext_lazy("Domains"),
        (
            E.ADD_SECONDARY_DOMAIN,
            E.ADD_DOMAIN_ALIAS,
            E.CHECK_DOMAIN,
            E.VERIFY_PRIMARY_DOMAIN,
            E.VERIFY_SECONDARY_DOMAIN,
            E.VERIFY_DOMAIN_ALIAS,
            E.REMOVE_SECONDARY_DOMAIN,
            E.REMOVE_DOMAIN_ALIAS,
            E.CHANGE_PRIMARY_DOMAIN,
            E.DOMAIN_CONTESTED,
            E.DOMAIN_LOST,
            E.SETTLE_DOMAIN,
        ),
    ),
    "provisioning": (
        gettext_lazy("Provisioning"),
        (
            E.CREATE_SCIM_TOKEN,
            E.ROTATE_SCIM_TOKEN,
            E.REVOKE_SCIM_TOKEN,
            E.KEEP_LAST_ADMIN,
        ),
    ),
    "webhooks": (
        gettext_lazy("Webhooks"),
        (
            E.CREATE_WEBHOOK,
            E.ROTATE_WEBHOOK_SECRET,
            E.PAUSE_WEBHOOK,
            E.RESUME_WEBHOOK,
            E.REMOVE_WEBHOOK,
            E.CREATE_CHANNEL,
            E.STOP_CHANNEL,
            E.TEST_WEBHOOK,
            E.REPLAY_WEBHOOK,
        ),
    ),
    "machines": (
        gettext_lazy("Service accounts and applications"),
        (
            E.CREATE_SERVICE_ACCOUNT,
            E.AUTHORIZE_API_CLIENT_ACCESS,
            E.REMOVE_API_CLIENT_ACCESS,
            E.SUSPEND_SERVICE_ACCOUNT,
            E.RESTORE_SERVICE_ACCOUNT,
            E.DELETE_SERVICE_ACCOUNT,
            E.CREATE_SERVICE_ACCOUNT_KEY,
            E.ROTATE_SERVICE_ACCOUNT_KEY,
            E.REVOKE_SERVICE_ACCOUNT_KEY,
            E.CREATE_OAUTH_CLIENT,
            E.CHANGE_OAUTH_CLIENT,
            E.DELETE_OAUTH_CLIENT,
            E.ALLOW_OAUTH_CLIENT,
            E.END_OAUTH_CONSENT,
        ),
    ),
    "sign-in": (
        gettext_lazy("Signing in and passwords"),
        (
            E.LOGIN_SUCCESS,
            E.LOGIN_FAILURE,
            E.LOGOUT,
            E.PASSWORD_EDIT,
            E.CHANGE_PASSWORD,
            E.RESET_PASSWORD,
            E.DEMAND_NEW_PASSWORD,
            E.RESET_SIGNIN_COOKIES,
            E.CREATE_PASSWORD_LINK,
            E.PASSWORD_LINK_USED,
            E.INVITE_USER,
            E.TWO_STEP_ENROLL,
            E.TWO_STEP_CHANGE,
            E.TWO_STEP_DISABLE,
            E.GENERATE_RECOVERY_CODES,
            E.TWO_STEP_REQUIRED,
            E.BEGIN_FACTOR_RESET,
            E.CANCEL_FACTOR_RESET,
            E.RESET_FACTOR,
            E.CHANGE_SSO_SETTINGS,
            E.TEST_SSO,
            E.TOGGLE_SSO_ENABLED,
            E.REMOVE_SSO_SETTINGS,
            E.LINK_SSO_IDENTITY,
            E.UNLINK_SSO_IDENTITY,
        ),
    ),
    "users": (
        gettext_lazy("Users"),
        (
            E.CREATE_USER,
            E.CHANGE_USER,
            E.RENAME_USER,
            E.ADD_ALIAS,
            E.REMOVE_ALIAS,
            E.SUSPEND_USER,
            E.UNSUSPEND_USER,
            E.DELETE_USER,
            E.UNDELETE_USER,
            E.PURGE_USER,
            E.MOVE_USER_TO_ORG_UNIT,
            E.DOWNLOAD_USERLIST_CSV,
        ),
    ),
    "files": (gettext_lazy("Files and bulk changes"), (E.BULK_UPLOAD, E.BULK_CHANGE, E.BULK_STOPPED)),
    "groups": (
        gettext_lazy("Groups"),
        (
            E.CREATE_GROUP,
            E.CHANGE_GROUP,
            E.CHANGE_GROUP_SETTING,
            E.DELETE_GROUP,
            E.ADD_GROUP_ALIAS,
            E.REMOVE_GROUP_ALIAS,
            E.ADD_GROUP_MEMBER,
            E.UPDATE_GROUP_MEMBER,
            E.REMOVE_GROUP_MEMBER,
        ),
    ),
    "org-units": (
        gettext_lazy("Organisational units"),
        (E.CREATE_ORG_UNIT, E.EDIT_ORG_UNIT, E.MOVE_ORG_UNIT, E.REMOVE_ORG_UNIT),
    ),
    "devices": (
        gettext_lazy("Devices"),
        (
            E.ENROLL_DEVICE,
            E.APPROVE_DEVICE,
            E.BLOCK_DEVICE,
            E.REMOVE_DEVICE,
            E.MOVE_DEVICE_TO_ORG_UNIT,
            E.UPDATE_DEVICE,
        ),
    ),
    "staff": (
        gettext_lazy("Staff and teams"),
        (
            E.CREATE_TEAM,
            E.RENAME_TEAM,
            E.DELETE_TEAM,
            E.ADD_TEAM_MEMBER,
            E.REMOVE_TEAM_MEMBER,
            E.ASSIGN_CUSTOMER,
            E.UNASSIGN_CUSTOMER,
            E.ASSIGN_ALL_CUSTOMERS,
            E.UNASSIGN_ALL_CUSTOMERS,
            E.CREATE_CUSTOMER_GROUP,
            E.RENAME_CUSTOMER_GROUP,
            E.DELETE_CUSTOMER_GROUP,
            E.ADD_CUSTOMER_TO_GROUP,
            E.REMOVE_CUSTOMER_FROM_GROUP,
            E.DOWNLOAD_CUSTOMERLIST_CSV,
            E.REGISTER_NOTIFICATIONS,
            E.UNREGISTER_NOTIFICATIONS,
        ),
    ),
    "subscriptions": (
        gettext_lazy("Subscriptions"),
        (
            E.ORDER_SUBSCRIPTION,
            E.CANCEL_SUBSCRIPTION,
            E.TRANSFER_SUBSCRIPTION,
            E.TRANSFER_SUBSCRIPTION_TO_DIRECT,
            E.CHANGE_SUBSCRIPTION_SKU,
            E.CHANGE_SUBSCRIPTION_SEATS,
            E.CHANGE_SUBSCRIPTION_PLAN,
            E.CHANGE_SUBSCRIPTION_RENEWAL,
            E.CHANGE_SUBSCRIPTION_NOTES,
            E.START_PAID_SERVICE,
            E.SUSPEND_SUBSCRIPTION,
            E.ACTIVATE_SUBSCRIPTION,
            E.RENEW_SUBSCRIPTION,
            E.GENERATE_TRANSFER_TOKEN,
            E.REVOKE_TRANSFER_TOKEN,
        ),
    ),
    "licences": (
        gettext_lazy("Licences"),
        (E.USER_LICENSE_ASSIGNMENT, E.USER_LICENSE_REVOKE, E.CHANGE_LICENSE_AUTO_ASSIGN),
    ),
    "billing": (gettext_lazy("Billing"), (E.ADD_PAYMENT_ACCOUNT, E.REMOVE_PAYMENT_ACCOUNT)),
    "partners": (
        gettext_lazy("Support partners"),
        (
            E.SUPPORT_PARTNER_LOOKED_UP,
            E.SUPPORT_PARTNER_ASSIGNED,
            E.SUPPORT_PARTNER_VERIFICATION_RESENT,
            E.SUPPORT_PARTNER_VERIFIED,
            E.SUPPORT_PARTNER_DECLINED,
            E.SUPPORT_PARTNER_WITHDRAWN,
            E.SUPPORT_PARTNER_EXPIRED,
            E.SUPPORT_PARTNER_REMOVED,
            E.CUSTOMER_CARE_MOVE_SCHEDULED,
            E.CUSTOMER_CARE_MOVE_ANNOUNCED,
            E.CUSTOMER_CARE_MOVED,
        ),
    ),
    "cases": (
        gettext_lazy("Cases"),
        (
            E.CREATE_CASE,
            E.COMMENT_CASE,
            E.ASSIGN_CASE,
            E.ASSIGN_CASE_AT_PARTNER,
            E.NOTE_CASE,
            E.CHANGE_CASE_STATE,
            E.CHANGE_CASE_PRIORITY,
            E.CHANGE_CASE_TITLE,
            E.CHANGE_CASE_SUBSCRIBERS,
            E.ESCALATE_CASE,
            E.CLOSE_CASE,
            E.REOPEN_CASE,
            E.RATE_CASE,
            E.ATTACH_TO_CASE,
            E.DOWNLOAD_CASE_ATTACHMENT,
        ),
    ),
    "installation": (gettext_lazy("The installation"), (E.LIFT_RATE_LIMIT, E.RETRY_MAILS)),
    "log": (gettext_lazy("The audit log itself"), (E.BEGIN_SEAL_ERA, E.DROP_AUDIT_MONTHS)),
}
# What stands for all events of a group in the address; no event is called so.
_GROUP: Final = "group:"

Choices = list[tuple[str, list[tuple[str, str]]]]


def event_choices(events: Iterable[E]) -> Choices:
    """Return the events that a page can show, by group: first the whole group, then each of it."""
    return _choices(frozenset(events), get_language())


@cache
def _choices(shown: frozenset[E], language: str | None) -> Choices:
    """The same in the language that is set: a hundred translations of which each takes a lock."""
    choices = []
    for key, (label, names) in GROUPS.items():
        if here := [(name.value, str(name.label)) for name in names if name in shown]:
            whole = (f"{_GROUP}{key}", _("All: %(group)s") % {"group": label})
            choices.append((str(label), [whole, *sorted(here, key=lambda choice: choice[1])]))
    return choices


def events_chosen(choice: str, events: Collection[E]) -> list[str]:
    """Return the names of the events that a choice of the select stands for."""
    if not choice.startswith(_GROUP):
        return [choice]
    _label, names = GROUPS[choice.removeprefix(_GROUP)]
    return [name.value for name in names if name in events]
