"""A customer's rules for reseller access: the longest, and what new resellers begin with (R16, R18)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from subscriptions.access.levels import MEANINGS
from subscriptions.access.words import DURATIONS
from subscriptions.models import AccessPolicy
from subscriptions.models.level import Level
from web.console.forms.extent import DURATIONS as BY_VALUE
from web.console.forms.extent import NEVER

_CHOICES = [(NEVER, _("No end")), *((value, DURATIONS[lasts]) for value, lasts in BY_VALUE.items())]


class AccessPolicyForm(forms.Form):
    """The rules as an admin leaves them."""

    longest = forms.ChoiceField(
        label=_("Longest access"),
        choices=_CHOICES,
        help_text=_("For access that is given from now on. What is open already stays as it is."),
    )
    level = forms.ChoiceField(
        label=_("Level for new resellers"),
        choices=[(level, format_lazy("{} – {}", level.label, MEANINGS[level])) for level in reversed(Level)],
        widget=forms.RadioSelect,
    )
    lasts = forms.ChoiceField(
        label=_("Access of new resellers lasts"),
        choices=_CHOICES,
        help_text=_("A reseller is new when it sells you something for the first time."),
    )

    @classmethod
    def of(cls, policy: AccessPolicy, data: Any = None) -> AccessPolicyForm:
        """Return the form with the rules as they are stored."""
        initial = {"longest": _value(policy.longest), "level": policy.new_level, "lasts": _value(policy.new_lasts)}
        return cls(data, initial=initial)

    def clean_longest(self) -> timedelta | None:
        return BY_VALUE.get(self.cleaned_data["longest"])

    def clean_lasts(self) -> timedelta | None:
        return BY_VALUE.get(self.cleaned_data["lasts"])


def _value(lasts: timedelta | None) -> str:
    return next((value for value, known in BY_VALUE.items() if known == lasts), NEVER)
