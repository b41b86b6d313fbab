from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import IdentityProvider
from accounts.models.identity_providers import CLIENT_ID_MAX_LENGTH, ISSUER_MAX_LENGTH
from web.fields import AS_TYPED, ManagedEmailField

_SECRET_MAX_LENGTH = 1000


class ProviderForm(forms.Form):
    """Which provider signs the organisation's people in. The stored secret is never shown."""

    issuer = forms.CharField(
        label=_("Issuer"),
        max_length=ISSUER_MAX_LENGTH,
        widget=forms.TextInput({**AS_TYPED, "inputmode": "url"}),
        help_text=_("The URL that your provider calls its issuer. Its configuration is read from there."),
    )
    client_id = forms.CharField(
        label=_("Client ID"), max_length=CLIENT_ID_MAX_LENGTH, widget=forms.TextInput({**AS_TYPED})
    )
    secret = forms.CharField(
        label=_("Client secret"),
        max_length=_SECRET_MAX_LENGTH,
        strip=True,
        required=False,
        widget=forms.PasswordInput({**AS_TYPED, "autocomplete": "new-password"}, render_value=True),
        help_text=_("Kept encrypted, and never shown again."),
    )

    def __init__(self, *args: Any, provider: IdentityProvider | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["secret"].required = provider is None
        if provider is not None:
            self.initial = {"issuer": provider.issuer, "client_id": provider.client_id}
            self.fields["secret"].help_text = _("A secret is kept, encrypted. Leave this empty to keep it.")


class UnlinkForm(forms.Form):
    """Whose link with the provider ends."""

    address = ManagedEmailField()
