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
from subscriptions.models.level import Level


class ManagedEmailField(forms.CharField):
    """The address of a managed account, in its canonical spelling (P6).

    Says why a consumer address is refused before anybody is looked up: the answer is the same for everyone.
    """

    def __init__(self, **kwargs: Any) -> None:
        # Not type="email": a browser would reject or rewrite spellings that we understand.
        widget = forms.TextInput({"autocomplete": "username", "inputmode": "email", "maxlength": EMAIL_MAX_LENGTH})
        widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
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


class DurationField(forms.TypedChoiceField):
    """How long access lasts (R16). longest: None lets them choose no end too."""

    def __init__(self, *, longest: timedelta | None = None, **kwargs: Any) -> None:
        choices = partial(_duration_choices, longest)
        defaults = {"label": _("Duration"), "choices": choices, "coerce": _duration}
        super().__init__(**{**defaults, **kwargs})


_NO_END = "none"


def duration_value(lasts: timedelta | None) -> str:
    """Return a duration as the field sends it."""
    return _NO_END if lasts is None else str(lasts // HOUR)


def _duration(text: str) -> timedelta | None:
    return None if text == _NO_END else int(text) * HOUR


def _duration_choices(longest: timedelta | None) -> list[tuple[str, str]]:
    chosen = [lasts for lasts in (*DURATIONS, None) if fits_into(lasts, longest)]
    return [(duration_value(lasts), duration_text(lasts)) for lasts in chosen]
