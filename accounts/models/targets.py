"""What an event of the audit log can be about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from django.db import models
from django.utils.translation import gettext_lazy as _


class TargetKind(models.TextChoices):
    """What an event can be about. Each model says its own in `target_kind`."""

    CUSTOMER = "customer", _("Organisation")
    RESELLER = "reseller", _("Reseller")
    USER = "user", _("User")
    DOMAIN = "domain", _("Domain")
    GROUP = "group", _("Group")
    ORG_UNIT = "org_unit", _("Organisational unit")
    DEVICE = "device", _("Device")
    JOB = "job", _("File or bulk change")
    SUBSCRIPTION = "subscription", _("Subscription")
    REQUEST = "request", _("Request for access")
    REVIEW = "review", _("Review of access")
    PROPOSAL = "proposal", _("Proposal")
    PARTNER = "partner", _("Support partner")
    CASE = "case", _("Case")
    TEAM = "team", _("Team")
    SERVICE_ACCOUNT = "account", _("Service account")
    APPLICATION = "application", _("Application")


class Target(Protocol):
    """An object that an event can be about."""

    @property
    def pk(self) -> Any: ...

    @property
    def target_kind(self) -> TargetKind: ...


@dataclass(frozen=True, slots=True)
class Pointer:
    """The kind and the number of an object that is gone already, or was never loaded."""

    target_kind: TargetKind
    pk: int
