"""How service accounts are called by their clients: what looks like an address, and is none (X2)."""

from __future__ import annotations

import re
import secrets
from typing import Final

from django.conf import settings

from accounts.machines.owning import machines_of
from accounts.models import Customer, Reseller, ServiceAccount
from accounts.names import sort_key
from accounts.organisations import Organisation

# Nobody can have this domain: .internal is reserved, and no mail goes there.
_DOMAIN: Final = "iam.serviceaccount.internal"
# As long as the original's: accounts 6 to 30 characters, projects 30.
_LONGEST: Final = 30
_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]+")


def new_email(organisation: Organisation, name: str) -> str:
    """Return how a new account is called: after its name, in the project of its organisation, unlike all others."""
    project = _project_of(organisation)
    plain = _plain(name) or "machine"
    email = f"{plain}@{project}.{_DOMAIN}"
    while ServiceAccount.objects.filter(email=email).exists():
        email = f"{plain[: _LONGEST - 7]}-{_digits()}@{project}.{_DOMAIN}"
    return email


def _project_of(organisation: Organisation) -> str:
    """Return the project of an organisation: that of its first account, or one that nobody has yet."""
    first = machines_of(organisation).order_by("pk").first()
    if first is not None:
        return first.project_id
    domain = organisation.primary_domain if isinstance(organisation, Customer | Reseller) else settings.VENDOR_NAME
    return f"{_plain(domain)[: _LONGEST - 7].strip('-') or 'project'}-{_digits()}"


def _plain(text: str) -> str:
    """Return the Latin letters and digits of a text, with a hyphen for everything between them."""
    return _NOT_PLAIN.sub("-", sort_key(text).lower())[:_LONGEST].strip("-")


def _digits() -> str:
    return f"{secrets.randbelow(1_000_000):06}"
