"""`client_secrets.json`: the file that clients of the original read to ask people for consent."""

from __future__ import annotations

import json
from typing import Final

from accounts.applications.registering import NewApplication, Where
from accounts.machines.key_file import addresses

_WHERE: Final = ("auth_uri", "token_uri", "auth_provider_x509_cert_url")


def client_file(new: NewApplication, base_url: str) -> str:
    """Return the file of an application. base_url: of this installation, where people are asked."""
    account, client = new.account, new.account.oauth_client
    assert client is not None  # what was registered has one
    here = addresses(account, base_url)
    said = {
        "client_id": account.unique_id,
        "project_id": account.project_id,
        **{name: here[name] for name in _WHERE},
        "client_secret": new.secret,
        "redirect_uris": client.get_redirect_uris(),
    }
    return json.dumps({"installed" if client.type == Where.COMPUTER else "web": said}, indent=2)
