"""The directory with which GAM 7 works here: what it would ask the original for, written out beforehand.

GAM finishes its own sign-in (`gam oauth create`) only with a token that Google signed. So it finds itself signed in
already, as a person for whom a service account acts; examples/gam/gam_here.py gets the token for each run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.db.models import Q

from accounts.errors import Refused
from accounts.models import ServiceAccount, User

# GAM never renews a token itself: it could only ask Google for another one.
_NEVER_ENDS: Final = "2099-01-01T00:00:00Z"
# The directory in it for what GAM keeps for a while.
CACHE: Final = "gamcache"
# What GAM wants to be there, and nothing here looks at.
_UNUSED: Final = "unused"


def gam_files(person: User, key_text: str, directory: Path) -> dict[str, str]:
    """Return the files by their names. key_text: a key's file of a service account of the person's organisation.

    directory: where they will stand; GAM looks for its cache in it, and puts there what it downloads.
    Raises Refused for what is no such file.
    """
    key = _read(key_text)
    account = _account(person, key)
    scopes = sorted(account.scopes)
    client = {"client_id": account.unique_id, "client_secret": _UNUSED}
    signed_in = {
        **client,
        "refresh_token": _UNUSED,
        "token": _UNUSED,
        "token_expiry": _NEVER_ENDS,
        "token_uri": key["token_uri"],
        "scopes": scopes,
        "id_token": _UNUSED,
        "decoded_id_token": {
            "email": person.email,
            "hd": person.email.rpartition("@")[2],
            "sub": person.public_id,
            "iss": "accounts.google.com",
        },
    }
    installed = {**client, "auth_uri": key["auth_uri"], "token_uri": key["token_uri"], "project_id": key["project_id"]}
    lines = [f"cache_dir = {directory / CACHE}", f"drive_dir = {directory}"]
    if customer := person.customer:
        lines += [f"customer_id = {customer.customer_id}", f"domain = {customer.primary_domain}"]
    return {
        "oauth2service.json": key_text,
        "oauth2.txt": json.dumps(signed_in, indent=2),
        "client_secrets.json": json.dumps({"installed": installed}, indent=2),
        "gam.cfg": "\n".join(["[DEFAULT]", *lines, ""]),
    }


def _read(text: str) -> Mapping[str, Any]:
    try:
        key = json.loads(text)
    except ValueError:
        key = None
    needed = ("client_email", "token_uri", "auth_uri", "project_id")
    if not isinstance(key, dict) or not all(isinstance(key.get(name), str) for name in needed):
        raise Refused("This is not the file of a key.", "key")
    return key


def _account(person: User, key: Mapping[str, Any]) -> ServiceAccount:
    """Return the account of a key, which acts for people of its own organisation alone (X2). Raises Refused."""
    own = Q(customer=person.customer_id, reseller=person.reseller_id, is_vendor=person.is_vendor)
    account = ServiceAccount.objects.filter(own, email=key["client_email"], deleted_at=None).first()
    if account is None:
        raise Refused(f"The organisation of {person.email} has no service account {key['client_email']}.", "key")
    return account
