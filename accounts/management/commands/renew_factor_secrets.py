from __future__ import annotations

from typing import Any

from accounts.management import operator
from accounts.sign_in.factor_secrets import renew_factor_secrets
from accounts.single_sign_on.setting_up import renew_provider_secrets
from accounts.webhooks.renewing import renew_webhook_secrets


class Command(operator.OperatorCommand):
    """Encrypts the secrets of factors, providers and webhooks again, under the newest SECRET_KEY; can be repeated."""

    help = (
        "Encrypt the secrets of second factors, identity providers and webhooks under the newest key, before an older"
        " one leaves SECRET_KEY_FALLBACKS."
    )

    def run(self, **_options: Any) -> str:
        renewed = renew_factor_secrets(actor=None) + renew_provider_secrets(actor=None)
        renewed += renew_webhook_secrets(actor=None)
        return f"{renewed} secrets are under the newest SECRET_KEY. The older keys can go."
