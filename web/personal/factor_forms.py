"""The forms of the second factor (P12)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.sign_in.enrolling import NAME_AT_MOST

_CREDENTIAL_AT_MOST = 20_000  # characters


def code_field(label: Any, hint: Any = "") -> forms.CharField:
    """Return the field for a code that is read from somewhere and typed."""
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
    return forms.CharField(label=label, max_length=40, help_text=hint, widget=forms.TextInput(attrs=attrs))


class AppForm(forms.Form):
    """The first code of a new authenticator app."""

    code = code_field(_("Code that the app shows"))


class NameForm(forms.Form):
    """What a person calls a passkey."""

    name = forms.CharField(
        label=_("Name of the passkey"),
        max_length=NAME_AT_MOST,
        help_text=_("So that you know it again: “Laptop”, “Telephone”."),
    )


class CredentialField(forms.JSONField):
    """What a browser answers about a passkey; it is a thousand characters or two."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """Read it, unless it is too long or nested to be one."""
        if isinstance(value, str) and len(value) > _CREDENTIAL_AT_MOST:
            raise ValidationError(self.error_messages["invalid"], params={"value": ""})
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise ValidationError(self.error_messages["invalid"], params={"value": ""}) from error


class PasskeyForm(NameForm):
    """A new passkey; a script fills in what the browser answers."""

    credential = CredentialField(error_messages={"required": _("No passkey was made.")})


class ShownPasskeyForm(forms.Form):
    """A passkey that is shown."""

    credential = CredentialField(error_messages={"required": _("No passkey was shown.")})


class SecondStepForm(forms.Form):
    """A code of the authenticator app, or one of the recovery codes."""

    code = code_field(_("Code"), _("Of your authenticator app, or one of your recovery codes."))
