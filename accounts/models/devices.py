from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, Upper
from django.utils.translation import gettext_lazy as _

from accounts.models.directory import OrgUnit
from accounts.models.organisations import Customer
from accounts.models.public_ids import random_device_id
from accounts.models.targets import TargetKind


class DeviceKind(models.TextChoices):
    CHROMEOS = "chromeos", _("ChromeOS device")
    ANDROID = "android", _("Android device")
    IOS = "ios", _("iPhone or iPad")


MOBILE_KINDS = (DeviceKind.ANDROID, DeviceKind.IOS)


class DeviceStatus(models.TextChoices):
    PENDING = "pending", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    BLOCKED = "blocked", _("Blocked")


class DeprovisionReason(models.TextChoices):
    """Why a ChromeOS device is deprovisioned, under the names of the original.

    https://developers.google.com/workspace/admin/directory/reference/rest/v1/chromeosdevices/action
    """

    SAME_MODEL_REPLACEMENT = "same_model_replacement", _("Replaced by a device of the same model")
    DIFFERENT_MODEL_REPLACEMENT = "different_model_replacement", _("Replaced by a device of a different model")
    RETIRING_DEVICE = "retiring_device", _("Retired from the fleet")
    UPGRADE_TRANSFER = "upgrade_transfer", _("Its upgrade goes to another device")
    REPAIR_CENTER = "repair_center", _("Sent to a repair centre")
    # Programs may still send these.
    UPGRADE = "upgrade", _("Upgraded")
    DOMAIN_MOVE = "domain_move", _("Moves to another domain")
    SERVICE_EXPIRATION = "service_expiration", _("The service has ended")
    NOT_REQUIRED = "not_required", _("No reason needed")
    OTHER = "other", _("Other reason")


# Those that a page offers: the first four of the original's form.
DEPROVISION_REASONS = tuple(DeprovisionReason)[:4]


class Device(models.Model):
    """A ChromeOS or mobile device that belongs to an organisation, in one of its units."""

    target_kind = TargetKind.DEVICE

    public_id = models.CharField(max_length=36, db_default=random_device_id(), editable=False)
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="devices")
    org_unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="devices")
    # Who uses it; null where nobody in particular does.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="devices")
    kind = models.CharField(_("kind"), max_length=8, choices=DeviceKind)
    serial_number = models.CharField(_("serial number"), max_length=64)
    model = models.CharField(_("model"), max_length=100, blank=True)
    os_version = models.CharField(_("version of the operating system"), max_length=40, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=DeviceStatus)
    enrolled_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(null=True, blank=True)
    # What an admin wrote down about it, free text that nothing is looked up by.
    annotated_user = models.CharField(_("user"), max_length=100, blank=True, default="", db_default="")
    annotated_asset_id = models.CharField(_("asset ID"), max_length=100, blank=True, default="", db_default="")
    annotated_location = models.CharField(_("location"), max_length=200, blank=True, default="", db_default="")
    notes = models.CharField(_("notes"), max_length=500, blank=True, default="", db_default="")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["public_id"], name="device_has_an_id"),
            models.UniqueConstraint(fields=["customer", "serial_number"], name="serial_number_is_enrolled_once"),
            models.CheckConstraint(
                condition=Q(kind__in=MOBILE_KINDS) | ~Q(status=DeviceStatus.PENDING),
                name="only_mobile_devices_wait_for_approval",
            ),
        ]
        indexes = [
            models.Index("customer", "id", name="devices_of_customer"),
            GinIndex(
                OpClass("serial_number", name="gin_trgm_ops"),
                OpClass(Upper("model"), name="gin_trgm_ops"),
                name="devices_by_part_of_number",
            ),
        ]

    def __str__(self) -> str:
        return self.serial_number
