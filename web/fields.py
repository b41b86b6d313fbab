"""Fields that forms of several pages share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.domains import EMAIL_MAX_LENGTH, TYPED_MAX_LENGTH, managed_email


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
