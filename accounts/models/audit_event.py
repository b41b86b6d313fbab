from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class EventName(models.TextChoices):
    """What can happen, by its name in the audit log (A3): the original's name where it has one."""

    # Reseller access
    CHANGE_RESELLER_ACCESS = "CHANGE_RESELLER_ACCESS", _("Reseller access changed")
    CHANGE_RESELLER_ACCESS_FOR_SKU = "CHANGE_RESELLER_ACCESS_FOR_SKU", _("Reseller access to a subscription changed")
    RESELLER_ACCESS_APPLIED = "RESELLER_ACCESS_APPLIED", _("Reseller access change took effect")
    RESELLER_ACCESS_SUPERSEDED = "RESELLER_ACCESS_SUPERSEDED", _("Reseller access change superseded")
    RESELLER_ACCESS_FAILED = "RESELLER_ACCESS_FAILED", _("Reseller access change failed")
    RESELLER_ACCESS_ENDED = "RESELLER_ACCESS_ENDED", _("Reseller access ended")
    CHANGE_ACCESS_POLICY = "CHANGE_ACCESS_POLICY", _("Rules for reseller access changed")
    REQUEST_RESELLER_ACCESS = "REQUEST_RESELLER_ACCESS", _("Reseller asked for access")
    APPROVE_ACCESS_REQUEST = "APPROVE_ACCESS_REQUEST", _("Request for access approved")
    REJECT_ACCESS_REQUEST = "REJECT_ACCESS_REQUEST", _("Request for access rejected")
    WITHDRAW_ACCESS_REQUEST = "WITHDRAW_ACCESS_REQUEST", _("Request for access withdrawn")
    REPORT_CONSOLE_SESSION = "REPORT_CONSOLE_SESSION", _("Visit from outside not recognised")
    REPAIR_RESELLER_ACCESS = "REPAIR_RESELLER_ACCESS", _("Reseller access repaired")
    RESTORE_BACKUP = "RESTORE_BACKUP", _("Backup restored, all reseller access closed")
    RESELLER_CONSOLE_ENTERED = "RESELLER_CONSOLE_ENTERED", _("Console entered by a reseller")
    RESELLER_CONSOLE_LEFT = "RESELLER_CONSOLE_LEFT", _("Console left by a reseller")
    END_CONSOLE_SESSION = "END_CONSOLE_SESSION", _("Session of a reseller ended")
    CHANGE_CONSOLE_ENTRY_REASON = "CHANGE_CONSOLE_ENTRY_REASON", _("Reason for entering the console changed")
    # Organisations and people
    CREATE_CUSTOMER = "CREATE_CUSTOMER", _("Customer created")
    CHANGE_CUSTOMER = "CHANGE_CUSTOMER", _("Customer changed")
    DOMAIN_IN_USE = "DOMAIN_IN_USE", _("Customer not added, the domain is in use")
    CREATE_RESELLER = "CREATE_RESELLER", _("Reseller created")
    SUSPEND_RESELLER = "SUSPEND_RESELLER", _("Reseller suspended")
    UNSUSPEND_RESELLER = "UNSUSPEND_RESELLER", _("Reseller restored")
    CREATE_USER = "CREATE_USER", _("User created")
    SUSPEND_USER = "SUSPEND_USER", _("User suspended")
    UNSUSPEND_USER = "UNSUSPEND_USER", _("User restored")
    ASSIGN_ROLE = "ASSIGN_ROLE", _("Role assigned")
    UNASSIGN_ROLE = "UNASSIGN_ROLE", _("Role unassigned")
    # Written until PASSWORD_EDIT was; what stands in the log keeps its name (A2).
    CHANGE_PASSWORD = "CHANGE_PASSWORD", _("Password changed (older events)")
    INVITE_USER = "INVITE_USER", _("Invitation sent")
    CREATE_PASSWORD_LINK = "CREATE_PASSWORD_LINK", _("Link for a password made by an operator")
    # Signing in (P14), by the names of the original's login audit.
    LOGIN_SUCCESS = "login_success", _("Signed in")
    LOGIN_FAILURE = "login_failure", _("Sign-in failed")
    LOGOUT = "logout", _("Signed out")
    PASSWORD_EDIT = "password_edit", _("Password changed")
    PASSWORD_LINK_USED = "password_link_used", _("Link for a password used")
    # Directory
    CHANGE_USER = "CHANGE_USER", _("User changed")
    RENAME_USER = "RENAME_USER", _("User renamed")
    REMOVE_ALIAS = "REMOVE_ALIAS", _("Alias removed")
    DELETE_USER = "DELETE_USER", _("User deleted")
    UNDELETE_USER = "UNDELETE_USER", _("Deleted user restored")
    PURGE_USER = "PURGE_USER", _("Deleted user removed for good")
    RESET_PASSWORD = "RESET_PASSWORD", _("Password reset by an admin")
    MOVE_USER_TO_ORG_UNIT = "MOVE_USER_TO_ORG_UNIT", _("User moved to an organisational unit")
    DOWNLOAD_USERLIST_CSV = "DOWNLOAD_USERLIST_CSV", _("User list downloaded")
    BULK_UPLOAD = "BULK_UPLOAD", _("File uploaded")
    BULK_CHANGE = "BULK_CHANGE", _("Bulk change started")
    BULK_STOPPED = "BULK_STOPPED", _("Bulk change stopped")
    CREATE_GROUP = "CREATE_GROUP", _("Group created")
    CHANGE_GROUP = "CHANGE_GROUP", _("Group changed")
    CHANGE_GROUP_SETTING = "CHANGE_GROUP_SETTING", _("Access to a group changed")
    DELETE_GROUP = "DELETE_GROUP", _("Group deleted")
    ADD_GROUP_MEMBER = "ADD_GROUP_MEMBER", _("Group member added")
    UPDATE_GROUP_MEMBER = "UPDATE_GROUP_MEMBER", _("Group member’s role changed")
    REMOVE_GROUP_MEMBER = "REMOVE_GROUP_MEMBER", _("Group member removed")
    CREATE_ORG_UNIT = "CREATE_ORG_UNIT", _("Organisational unit created")
    EDIT_ORG_UNIT = "EDIT_ORG_UNIT", _("Organisational unit changed")
    MOVE_ORG_UNIT = "MOVE_ORG_UNIT", _("Organisational unit moved")
    REMOVE_ORG_UNIT = "REMOVE_ORG_UNIT", _("Organisational unit deleted")
    # Devices
    ENROLL_DEVICE = "ENROLL_DEVICE", _("Device enrolled")
    APPROVE_DEVICE = "APPROVE_DEVICE", _("Device approved")
    BLOCK_DEVICE = "BLOCK_DEVICE", _("Device blocked")
    REMOVE_DEVICE = "REMOVE_DEVICE", _("Device removed")
    MOVE_DEVICE_TO_ORG_UNIT = "MOVE_DEVICE_TO_ORG_UNIT", _("Device moved to an organisational unit")
    # Staffing of a reseller
    CREATE_TEAM = "CREATE_TEAM", _("Team created")
    RENAME_TEAM = "RENAME_TEAM", _("Team renamed")
    DELETE_TEAM = "DELETE_TEAM", _("Team deleted")
    ADD_TEAM_MEMBER = "ADD_TEAM_MEMBER", _("Agent added to a team")
    REMOVE_TEAM_MEMBER = "REMOVE_TEAM_MEMBER", _("Agent removed from a team")
    ASSIGN_CUSTOMER = "ASSIGN_CUSTOMER", _("Customer assigned")
    UNASSIGN_CUSTOMER = "UNASSIGN_CUSTOMER", _("Customer unassigned")
    # Subscriptions
    ORDER_SUBSCRIPTION = "ORDER_SUBSCRIPTION", _("Subscription ordered")
    CANCEL_SUBSCRIPTION = "CANCEL_SUBSCRIPTION", _("Subscription cancelled")
    TRANSFER_SUBSCRIPTION = "TRANSFER_SUBSCRIPTION", _("Subscription transferred")
    CHANGE_SUBSCRIPTION_SEATS = "CHANGE_SUBSCRIPTION_SEATS", _("Seats of a subscription changed")
    CHANGE_SUBSCRIPTION_PLAN = "CHANGE_SUBSCRIPTION_PLAN", _("Plan of a subscription changed")
    CHANGE_SUBSCRIPTION_RENEWAL = "CHANGE_SUBSCRIPTION_RENEWAL", _("Renewal of a subscription changed")
    START_PAID_SERVICE = "START_PAID_SERVICE", _("Paid service started after a trial")
    SUSPEND_SUBSCRIPTION = "SUSPEND_SUBSCRIPTION", _("Subscription suspended")
    ACTIVATE_SUBSCRIPTION = "ACTIVATE_SUBSCRIPTION", _("Subscription activated")
    RENEW_SUBSCRIPTION = "RENEW_SUBSCRIPTION", _("Subscription renewed")
    GENERATE_TRANSFER_TOKEN = "GENERATE_TRANSFER_TOKEN", _("Transfer token generated")
    REVOKE_TRANSFER_TOKEN = "REVOKE_TRANSFER_TOKEN", _("Transfer token revoked")
    # Licences and billing
    USER_LICENSE_ASSIGNMENT = "USER_LICENSE_ASSIGNMENT", _("Licence assigned")
    USER_LICENSE_REVOKE = "USER_LICENSE_REVOKE", _("Licence revoked")
    CHANGE_LICENSE_AUTO_ASSIGN = "CHANGE_LICENSE_AUTO_ASSIGN", _("Automatic licensing changed")
    ADD_PAYMENT_ACCOUNT = "ADD_PAYMENT_ACCOUNT", _("Payment account added")
    REMOVE_PAYMENT_ACCOUNT = "REMOVE_PAYMENT_ACCOUNT", _("Payment account removed")
    # Support partners
    SUPPORT_PARTNER_LOOKED_UP = "SUPPORT_PARTNER_LOOKED_UP", _("Support partner looked up")
    SUPPORT_PARTNER_ASSIGNED = "SUPPORT_PARTNER_ASSIGNED", _("Support partner assigned")
    SUPPORT_PARTNER_VERIFICATION_RESENT = "SUPPORT_PARTNER_VERIFICATION_RESENT", _("Verification mail sent again")
    SUPPORT_PARTNER_VERIFIED = "SUPPORT_PARTNER_VERIFIED", _("Support partner verified")
    SUPPORT_PARTNER_DECLINED = "SUPPORT_PARTNER_DECLINED", _("Support partner declined")
    SUPPORT_PARTNER_WITHDRAWN = "SUPPORT_PARTNER_WITHDRAWN", _("Request to a support partner withdrawn")
    SUPPORT_PARTNER_EXPIRED = "SUPPORT_PARTNER_EXPIRED", _("Request to a support partner expired")
    SUPPORT_PARTNER_REMOVED = "SUPPORT_PARTNER_REMOVED", _("Support partner removed")
    CUSTOMER_CARE_MOVE_SCHEDULED = "CUSTOMER_CARE_MOVE_SCHEDULED", _("Move to the Customer Care Portal scheduled")
    CUSTOMER_CARE_MOVE_ANNOUNCED = "CUSTOMER_CARE_MOVE_ANNOUNCED", _("Move to the Customer Care Portal announced")
    CUSTOMER_CARE_MOVED = "CUSTOMER_CARE_MOVED", _("Moved to the Customer Care Portal")
    # Cases
    CREATE_CASE = "CREATE_CASE", _("Case filed")
    COMMENT_CASE = "COMMENT_CASE", _("Case commented")
    ASSIGN_CASE = "ASSIGN_CASE", _("Case assigned at vendor support")
    CHANGE_CASE_STATE = "CHANGE_CASE_STATE", _("Status of a case changed")
    CHANGE_CASE_PRIORITY = "CHANGE_CASE_PRIORITY", _("Priority of a case changed")
    CHANGE_CASE_SUBSCRIBERS = "CHANGE_CASE_SUBSCRIBERS", _("Subscribers of a case changed")
    ESCALATE_CASE = "ESCALATE_CASE", _("Case escalated")
    CLOSE_CASE = "CLOSE_CASE", _("Case closed")
    REOPEN_CASE = "REOPEN_CASE", _("Case reopened")
    RATE_CASE = "RATE_CASE", _("Satisfaction with a case given")
    ATTACH_TO_CASE = "ATTACH_TO_CASE", _("File attached to a case")
    DOWNLOAD_CASE_ATTACHMENT = "DOWNLOAD_CASE_ATTACHMENT", _("File of a case downloaded")


class ActorKind(models.TextChoices):
    """From where a person acts (A4)."""

    CUSTOMER = "customer", _("Your organisation")
    RESELLER = "reseller", _("Reseller")
    SUPPORT_PARTNER = "partner", _("Support partner")
    VENDOR = "vendor", _("Vendor")
    SYSTEM = "system", _("System")


class AuditEvent(models.Model):
    """One event of the audit log (A2). Append only: a trigger refuses UPDATE, DELETE and TRUNCATE.

    People and organisations are copied by name, so that a line says the same after they are gone.
    The only way to write one is accounts.audit.record_audit() or record_many().
    """

    at = models.DateTimeField(db_default=Now())
    name = models.CharField(max_length=40, choices=EventName)
    actor_kind = models.CharField(max_length=8, choices=ActorKind)
    actor_id = models.BigIntegerField(null=True)
    actor_email = models.CharField(max_length=254, blank=True)
    actor_organisation = models.CharField(max_length=200, blank=True)
    # Whose agents see this line on the reseller's side (A4); no foreign key, so that nothing cascades here.
    actor_reseller_id = models.BigIntegerField(null=True)
    on_behalf_of = models.CharField(max_length=200, blank=True)
    # In whose console it happened; null for what happens at a reseller or the vendor.
    customer_id = models.BigIntegerField(null=True)
    # What the line is about, for the people who read it: a reseller, a subscription, a person.
    subject = models.CharField(max_length=300, blank=True)
    # The access change that this line belongs to, if any: one `requested` and one final line each.
    access_change_id = models.BigIntegerField(null=True)
    # The visit during which someone from outside did it, or which it is about (R23).
    console_session_id = models.BigIntegerField(null=True)
    old_value = models.JSONField(null=True)
    new_value = models.JSONField(null=True)
    ip_address = models.GenericIPAddressField(null=True)
    # Not stored here: the row that it is about, for those who are told of it (accounts/models/notices.py).
    about_id: int | None = None

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(name__in=EventName.values), name="event_name_is_known"),
            models.UniqueConstraint(
                fields=["access_change_id", "name"],
                condition=Q(access_change_id__isnull=False),
                name="access_change_has_each_event_once",
            ),
        ]
        indexes = [
            # Newest first, by keyset: ids are handed out in the order of writing.
            models.Index("customer_id", "id", name="trail_of_a_customer", condition=Q(customer_id__isnull=False)),
            models.Index(
                "actor_reseller_id", "id", name="trail_of_a_reseller", condition=Q(actor_reseller_id__isnull=False)
            ),
            models.Index("actor_id", "id", name="trail_of_an_agent", condition=Q(actor_reseller_id__isnull=False)),
            models.Index(
                "console_session_id", "id", name="trail_of_a_visit", condition=Q(console_session_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.name}"
