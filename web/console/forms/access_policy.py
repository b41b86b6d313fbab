"""A customer's rules for reseller access: the longest, and what new resellers begin with (R16, R18)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from subscriptions.models import AccessPolicy
from subscriptions.models.level import Level
from web.fields import DurationField, LevelField, duration_value


class AccessPolicyForm(forms.Form):
    """The rules as an admin leaves them."""

    longest = DurationField(
        label=_("Longest access"),
        help_text=_("For access that is given from now on. What is open already stays as it is."),
    )
    level = LevelField(label=_("Level for new resellers"), levels=tuple(reversed(Level)))
    lasts = DurationField(
        label=_("Access of new resellers lasts"),
        help_text=_("A reseller is new when it sells you something for the first time."),
    )

    @classmethod
    def of(cls, policy: AccessPolicy, data: Any = None) -> AccessPolicyForm:
        """Return the form with the rules as they are stored."""
        longest, lasts = duration_value(policy.longest), duration_value(policy.new_lasts)
        return cls(data, initial={"longest": longest, "level": policy.new_level, "lasts": lasts})
