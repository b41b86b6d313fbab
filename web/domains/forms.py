from __future__ import annotations

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.domains import TYPED_MAX_LENGTH
from accounts.models.domains import DomainKind
from web.fields import AS_TYPED

_MEANINGS = {
    DomainKind.SECONDARY: _("For the people and groups of a brand, a country or a part of your organisation."),
    DomainKind.ALIAS: _("Another name for the same, which your organisation keeps for itself."),
}


class AddDomainForm(forms.Form):
    """A domain to add, in any spelling (P6)."""

    name = forms.CharField(
        label=_("Domain"),
        max_length=TYPED_MAX_LENGTH,
        widget=forms.TextInput({**AS_TYPED, "inputmode": "url"}),
        help_text=_("What stands behind the @ of its addresses, for example example.com."),
    )
    kind = forms.TypedChoiceField(
        label=_("Type"),
        coerce=DomainKind,
        choices=[(kind.value, format_lazy("{}. {}", kind.label, text)) for kind, text in _MEANINGS.items()],
        initial=DomainKind.SECONDARY.value,
        widget=forms.RadioSelect,
    )
