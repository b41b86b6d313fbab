"""Fields that forms of several pages share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.domains import EMAIL_MAX_LENGTH, TYPED_MAX_LENGTH, managed_email
from subscriptions.access.durations import DURATIONS, HOUR, duration_text, fits_into
from subscriptions.access.levels import MEANINGS
from subscriptions.access.standing import STANDING_MEANINGS
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing

# Addresses that a browser is to leave as they are typed. Not type="email": it would reject or rewrite spellings that we
# understand.
AS_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class PersonInput(forms.TextInput):
    """An address that belongs to someone: while it is typed, people this reader sees are suggested (search.js).

    Never where the person of a partner is asked for: its people are found by their exact address only (S10).
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({**AS_TYPED, "inputmode": "email", "data-people": "one", **(attrs or {})})


class PeopleArea(forms.Textarea):
    """A list of such addresses, as `accounts.domains.typed_addresses` reads it. groups: those are suggested too."""

    def __init__(self, *, rows: int, groups: bool = False) -> None:
        super().__init__(
            {**AS_TYPED, "rows": rows, "data-people": "many"} | ({"data-people-groups": ""} if groups else {})
        )


class ManagedEmailField(forms.CharField):
    """The address of a managed account, in its canonical spelling (P6).

    Says why a consumer address is refused before anybody is looked up: the answer is the same for everyone.
    """

    def __init__(self, **kwargs: Any) -> None:
        attrs = {**AS_TYPED, "autocomplete": "username", "inputmode": "email", "maxlength": EMAIL_MAX_LENGTH}
        widget = forms.TextInput(attrs)
        defaults = {"label": _("E-mail address"), "max_length": TYPED_MAX_LENGTH, "widget": widget}
        super().__init__(**{**defaults, **kwargs})

    def to_python(self, value: object) -> str:
        text = super().to_python(value) or ""
        return managed_email(text) if text else text


class LevelField(forms.TypedChoiceField):
    """A level of access, each with what it opens (R18). levels: those that can be chosen."""

    def __init__(self, *, levels: Iterable[Level] = Level, **kwargs: Any) -> None:
        choices = [(level.value, format_lazy("{}. {}", level.label, MEANINGS[level])) for level in levels]
        defaults = {"label": _("Level"), "choices": choices, "coerce": Level, "widget": forms.RadioSelect}
        super().__init__(**{**defaults, **kwargs})


class StandingField(forms.TypedChoiceField):
    """When a console is open, each choice with what it means (R20)."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [
            (standing.value, format_lazy("{}. {}", standing.label, STANDING_MEANINGS[standing]))
            for standing in Standing
        ]
        defaults = {"label": _("When it is open"), "choices": choices, "coerce": Standing, "widget": forms.RadioSelect}
        super().__init__(**{**defaults, **kwargs})


class DurationField(forms.TypedChoiceField):
    """How long access lasts (R16). longest: None lets them choose no end too."""

    def __init__(self, *, longest: timedelta | None = None, **kwargs: Any) -> None:
        choices = partial(_duration_choices, longest)
        defaults = {"label": _("Duration"), "choices": choices, "coerce": duration_of}
        super().__init__(**{**defaults, **kwargs})


_NO_END = "none"


def duration_value(lasts: timedelta | None) -> str:
    """Return a duration as the field sends it."""
    return _NO_END if lasts is None else str(lasts // HOUR)


def duration_of(text: str) -> timedelta | None:
    """Return the duration that a field sent."""
    return None if text == _NO_END else int(text) * HOUR


def _duration_choices(longest: timedelta | None) -> list[tuple[str, str]]:
    chosen = [lasts for lasts in (*DURATIONS, None) if fits_into(lasts, longest)]
    return [(duration_value(lasts), duration_text(lasts)) for lasts in chosen]


def hours_choices(hours: Iterable[timedelta]) -> list[tuple[str, str]]:
    """Return durations of an activation to choose from (R20)."""
    return [(duration_value(lasts), duration_text(lasts)) for lasts in hours]
