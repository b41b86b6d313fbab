from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Standing(models.TextChoices):
    """What of a console stands open to its reseller's agents without an activation (R20)."""

    ALL = "all", _("At all times")
    CASES = "cases", _("Only when needed, support cases at all times")
    NOTHING = "nothing", _("Only when needed")
