"""Of which events programs of an organisation can hear, family by family (X6), and of which they cannot, and why."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.event_names import EventName as E


class Family(models.TextChoices):
    """A kind of events, as an endpoint chooses it."""

    ACCESS = "access", _("Reseller access, requests, visits and reviews")
    PEOPLE = "people", _("Users and admin roles")
    DIRECTORY = "directory", _("Groups, organisational units and devices")
    ORGANISATION = "organisation", _("Organisation and domains")
    SUBSCRIPTIONS = "subscriptions", _("Subscriptions, transfers and licences")
    SUPPORT = "support", _("Support partners and cases")
    SECURITY = "security", _("Sign-in, second factors, keys and decisions of two people")
    STAFF = "staff", _("Staff, teams and customers they work for")


_ACCESS = (
    E.CHANGE_RESELLER_ACCESS,
    E.CHANGE_RESELLER_ACCESS_FOR_SKU,
    E.RESELLER_ACCESS_APPLIED,
    E.RESELLER_ACCESS_SUPERSEDED,
    E.RESELLER_ACCESS_FAILED,
    E.RESELLER_ACCESS_ENDED,
    E.CHANGE_ACCESS_POLICY,
    E.REQUEST_RESELLER_ACCESS,
    E.APPROVE_ACCESS_REQUEST,
    E.REJECT_ACCESS_REQUEST,
    E.WITHDRAW_ACCESS_REQUEST,
    E.REQUEST_ACTIVATION,
    E.APPROVE_ACTIVATION,
    E.REJECT_ACTIVATION,
    E.ACTIVATE_RESELLER_ACCESS,
    E.END_ACTIVATION,
    E.SNOOZE_FINDING,
    E.UNSNOOZE_FINDING,
    E.START_ACCESS_REVIEW,
    E.DECIDE_REVIEW_LINE,
    E.FINISH_ACCESS_REVIEW,
    E.REVIEW_DEADLINE_PASSED,
    E.CHANGE_REVIEW_SCHEDULE,
    E.REPORT_CONSOLE_SESSION,
    E.REPAIR_RESELLER_ACCESS,
    E.RESELLER_CONSOLE_ENTERED,
    E.RESELLER_CONSOLE_LEFT,
    E.END_CONSOLE_SESSION,
    E.CHANGE_CONSOLE_ENTRY_REASON,
)
_PEOPLE = (
    E.CREATE_USER,
    E.CHANGE_USER,
    E.RENAME_USER,
    E.REMOVE_ALIAS,
    E.ADD_ALIAS,
    E.SUSPEND_USER,
    E.UNSUSPEND_USER,
    E.DELETE_USER,
    E.UNDELETE_USER,
    E.PURGE_USER,
    E.MOVE_USER_TO_ORG_UNIT,
    E.ASSIGN_ROLE,
    E.UNASSIGN_ROLE,
    E.INVITE_USER,
    E.DOWNLOAD_USERLIST_CSV,
    E.BULK_UPLOAD,
    E.BULK_CHANGE,
    E.BULK_STOPPED,
    E.KEEP_LAST_ADMIN,
)
_DIRECTORY = (
    E.CREATE_GROUP,
    E.CHANGE_GROUP,
    E.CHANGE_GROUP_SETTING,
    E.DELETE_GROUP,
    E.ADD_GROUP_MEMBER,
    E.UPDATE_GROUP_MEMBER,
    E.REMOVE_GROUP_MEMBER,
    E.ADD_GROUP_ALIAS,
    E.REMOVE_GROUP_ALIAS,
    E.CREATE_ORG_UNIT,
    E.EDIT_ORG_UNIT,
    E.MOVE_ORG_UNIT,
    E.REMOVE_ORG_UNIT,
    E.ENROLL_DEVICE,
    E.APPROVE_DEVICE,
    E.BLOCK_DEVICE,
    E.UPDATE_DEVICE,
    E.REMOVE_DEVICE,
    E.MOVE_DEVICE_TO_ORG_UNIT,
)
_ORGANISATION = (
    E.CREATE_CUSTOMER,
    E.CHANGE_CUSTOMER,
    E.LAPSE_REGISTRATION,
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
)
_SUBSCRIPTIONS = (
    E.ORDER_SUBSCRIPTION,
    E.CANCEL_SUBSCRIPTION,
    E.TRANSFER_SUBSCRIPTION,
    E.TRANSFER_SUBSCRIPTION_TO_DIRECT,
    E.CHANGE_SUBSCRIPTION_SKU,
    E.CHANGE_SUBSCRIPTION_SEATS,
    E.CHANGE_SUBSCRIPTION_PLAN,
    E.CHANGE_SUBSCRIPTION_RENEWAL,
    E.START_PAID_SERVICE,
    E.SUSPEND_SUBSCRIPTION,
    E.ACTIVATE_SUBSCRIPTION,
    E.RENEW_SUBSCRIPTION,
    E.GENERATE_TRANSFER_TOKEN,
    E.REVOKE_TRANSFER_TOKEN,
    E.USER_LICENSE_ASSIGNMENT,
    E.USER_LICENSE_REVOKE,
    E.CHANGE_LICENSE_AUTO_ASSIGN,
    E.ADD_PAYMENT_ACCOUNT,
    E.REMOVE_PAYMENT_ACCOUNT,
)
_SUPPORT = (
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
    E.CREATE_CASE,
    E.COMMENT_CASE,
    E.ASSIGN_CASE,
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
    E.ASSIGN_CASE_AT_PARTNER,
)
_SECURITY = (
    E.LOGIN_SUCCESS,
    E.LOGIN_FAILURE,
    E.LOGOUT,
    E.PASSWORD_EDIT,
    E.RESET_PASSWORD,
    E.DEMAND_NEW_PASSWORD,
    E.RESET_SIGNIN_COOKIES,
    E.CREATE_PASSWORD_LINK,
    E.PASSWORD_LINK_USED,
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
    E.CREATE_SCIM_TOKEN,
    E.ROTATE_SCIM_TOKEN,
    E.REVOKE_SCIM_TOKEN,
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
    E.DELETE_OAUTH_CLIENT,
    E.ALLOW_OAUTH_CLIENT,
    E.END_OAUTH_CONSENT,
    E.REGISTER_NOTIFICATIONS,
    E.UNREGISTER_NOTIFICATIONS,
    E.CREATE_WEBHOOK,
    E.ROTATE_WEBHOOK_SECRET,
    E.PAUSE_WEBHOOK,
    E.RESUME_WEBHOOK,
    E.REMOVE_WEBHOOK,
    E.CREATE_CHANNEL,
    E.STOP_CHANNEL,
    E.CHANGE_TWO_PEOPLE,
    E.PROPOSE_CHANGE,
    E.APPROVE_PROPOSAL,
    E.REJECT_PROPOSAL,
    E.WITHDRAW_PROPOSAL,
    E.END_PROPOSAL,
    E.EMERGENCY_CHANGE,
)
_STAFF = (
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
)
FAMILIES: Final[Mapping[E, Family]] = MappingProxyType(
    {
        name: family
        for family, names in (
            (Family.ACCESS, _ACCESS),
            (Family.PEOPLE, _PEOPLE),
            (Family.DIRECTORY, _DIRECTORY),
            (Family.ORGANISATION, _ORGANISATION),
            (Family.SUBSCRIPTIONS, _SUBSCRIPTIONS),
            (Family.SUPPORT, _SUPPORT),
            (Family.SECURITY, _SECURITY),
            (Family.STAFF, _STAFF),
        )
        for name in names
    }
)

_OF_THE_VENDOR = "the vendor's own, in no organisation's log"
_OF_AN_ENDPOINT = "about one message: telling it to an endpoint would make another"
UNHEARD: Final[Mapping[E, str]] = MappingProxyType(
    {
        E.RESTORE_BACKUP: "every endpoint is paused with it; admins get a mail of their own",
        E.DOMAIN_IN_USE: "says who holds a domain, to operators alone (P9)",
        E.CREATE_RESELLER: _OF_THE_VENDOR,
        E.SUSPEND_RESELLER: _OF_THE_VENDOR,
        E.UNSUSPEND_RESELLER: _OF_THE_VENDOR,
        E.CHANGE_PASSWORD: "written by earlier releases only",
        E.NOTE_CASE: "what partners note for their own people leaves the console nowhere (S13)",
        E.LIFT_RATE_LIMIT: _OF_THE_VENDOR,
        E.RETRY_MAILS: _OF_THE_VENDOR,
        E.BEGIN_SEAL_ERA: _OF_THE_VENDOR,
        E.DROP_AUDIT_MONTHS: _OF_THE_VENDOR,
        E.TEST_WEBHOOK: _OF_AN_ENDPOINT,
        E.REPLAY_WEBHOOK: _OF_AN_ENDPOINT,
    }
)


def type_of(name: str) -> str:
    """Return what messages about an event are called: `access.change_reseller_access`."""
    return f"{FAMILIES[E(name)]}.{name.lower()}"


# By every name as it stands in a row, so that nothing is made with each event.
FAMILY_OF: Final[Mapping[str, str]] = MappingProxyType({name.value: family.value for name, family in FAMILIES.items()})
TYPE_OF: Final[Mapping[str, str]] = MappingProxyType({name.value: type_of(name) for name in FAMILIES})
