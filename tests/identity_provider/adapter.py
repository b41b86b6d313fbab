"""What the provider says beside what allauth says: when it asked its person who they are, and what a test adds."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.models import Client
from django.contrib.auth.models import User


class Adapter(DefaultOIDCAdapter):
    """allauth's, with no question whether the console may be told, and with more claims."""

    def validate_client_registration(self, *, client: Client, **_more: Any) -> None:
        client.skip_consent = True

    def populate_id_token(self, id_token: dict[str, Any], client: Client, scopes: Iterable[str], **_more: Any) -> None:
        person = User.objects.get(pk=id_token["sub"])
        if person.last_login is not None:
            id_token["auth_time"] = int(person.last_login.timestamp())
        for claim, value in json.loads((Path(os.environ["PROVIDER_DIRECTORY"]) / "claims.json").read_text()).items():
            if value is None:
                id_token.pop(claim, None)
            else:
                id_token[claim] = value
