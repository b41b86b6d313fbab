"""Google's Python client at this server: what the other examples begin with.

KEY is the file of a service account's key, as the page *Service accounts* gave it; PERSON is for whom the machine acts.
    pip install google-api-python-client
    KEY=acme.json PERSON=ana@acme.example python suspended_users.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from google.oauth2 import service_account
from googleapiclient.discovery import build

KEY = json.loads(Path(os.environ["KEY"]).read_text(encoding="utf-8"))
SERVER = KEY["token_uri"].removesuffix("/token")


def service(name: str, version: str, *scopes: str) -> Any:
    """Return a client for one API. Two things differ from the original: where its document is, and that it is read."""
    whole = [f"https://www.googleapis.com/auth/{scope}" for scope in scopes]
    credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
        KEY, scopes=whole, subject=os.environ["PERSON"]
    )
    documents = SERVER + "/discovery/v1/apis/{api}/{apiVersion}/rest"
    return build(name, version, credentials=credentials, discoveryServiceUrl=documents, static_discovery=False)
