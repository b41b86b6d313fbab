from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    """How much a console grant opens (R18); what that is stands in access/levels.py."""

    CASES = "cases", _("Support cases only")
    VIEW = "view", _("View only")
    HELP_DESK = "help_desk", _("Help desk")
    LICENCES = "licences", _("Licences")
    DIRECTORY = "directory", _("Directory")
    FULL = "full", _("Everything")
