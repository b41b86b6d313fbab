from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models.directory import OrgUnit
from accounts.models.organisations import Customer


class DeviceKind(models.TextChoices):
    CHROMEOS = "chromeos", _("ChromeOS device")
    ANDROID = "android", _("Android device")
    IOS = "ios", _("iPhone or iPad")


MOBILE_KINDS = (DeviceKind.ANDROID, DeviceKind.IOS)


class DeviceStatus(models.TextChoices):
    PENDING = "pending", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    BLOCKED = "blocked", _("Blocked")


class Device(models.Model):
    """A ChromeOS or mobile device that belongs to an organisation, in one of its units."""

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

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["customer", "serial_number"], name="serial_number_is_enrolled_once"),
            models.CheckConstraint(
                condition=Q(kind__in=MOBILE_KINDS) | ~Q(status=DeviceStatus.PENDING),
                name="only_mobile_devices_wait_for_approval",
            ),
        ]
        indexes = [models.Index("customer", "id", name="devices_of_customer")]

    def __str__(self) -> str:
        return self.serial_number
