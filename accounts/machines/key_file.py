"""The file that clients of the original read: a service account with one of its keys, and where to go with it."""

from __future__ import annotations

import json
from urllib.parse import quote

from accounts.machines.keys import NewKey
from accounts.models import ServiceAccount


def key_file(new: NewKey, base_url: str) -> str:
    """Return the JSON of a key file. base_url: of this installation, where tokens are given."""
    account = new.key.account
    return json.dumps(
        {
            "type": "service_account",
            "project_id": account.project_id,
            "private_key_id": new.key.kid,
            "private_key": new.private,
            "client_email": account.email,
            "client_id": account.unique_id,
            **addresses(account, base_url),
            # What the libraries take for the original's own: with any other they refuse to act for a person.
            "universe_domain": "googleapis.com",
        },
        indent=2,
    )


def addresses(account: ServiceAccount, base_url: str) -> dict[str, str]:
    """Return what a key file says of where to go."""
    here = base_url.rstrip("/")
    return {
        "auth_uri": f"{here}/o/oauth2/v2/auth",
        "token_uri": f"{here}/token",
        "auth_provider_x509_cert_url": f"{here}/oauth2/v1/certs",
        "client_x509_cert_url": f"{here}/robot/v1/metadata/x509/{quote(account.email, safe='')}",
    }
