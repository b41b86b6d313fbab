from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.machines.keys import LASTS, OVERLAPS
from accounts.machines.scopes import PREFIX, SCOPES
from accounts.models.machines import ACCOUNT_NAME_MAX_LENGTH
from web.fields import AS_TYPED


def _days(days: int) -> str:
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}


def _lasts() -> list[tuple[int, str]]:
    return [(days, _days(days)) for days in LASTS]


def _overlaps() -> list[tuple[int, object]]:
    return [(days, _days(days) if days else _("Not at all")) for days in OVERLAPS]


def _scopes() -> list[tuple[str, str]]:
    return [(scope, f"{words} ({scope.removeprefix(PREFIX)})") for scope, words in SCOPES.items()]


class ScopesForm(forms.Form):
    """What is delegated to a service account."""

    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=_scopes,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than the person may for whom it acts."),
    )


class NewAccountForm(ScopesForm):
    """A service account for one machine."""

    name = forms.CharField(
        label=_("Name"),
        max_length=ACCOUNT_NAME_MAX_LENGTH,
        widget=forms.TextInput({**AS_TYPED}),
        help_text=_("What it is for, for example Nightly backup. The audit log says by this name what acted."),
    )
    field_order = ("name", "scopes")


class NewKeyForm(forms.Form):
    """A key of a service account."""

    days = forms.TypedChoiceField(
        label=_("How long it works"), coerce=int, choices=_lasts, initial=90, widget=forms.RadioSelect
    )


class RotateKeyForm(forms.Form):
    """A key in the place of another."""

    overlap = forms.TypedChoiceField(
        label=_("How long the old key works on"),
        coerce=int,
        choices=_overlaps,
        initial=7,
        widget=forms.RadioSelect,
        help_text=_("Long enough to give the machine its new key; never longer than it would have worked anyway."),
    )
