"""List the users of your organisation as yourself: an application that asks you in your browser, once.

CLIENT is the file of an application, as the page *Applications* gave it; TOKEN is where what you allow is kept.
    pip install google-api-python-client google-auth-oauthlib
    CLIENT=client_secrets.json TOKEN=token.json python as_yourself.py
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from google.auth.transport.requests import Request
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import InstalledAppFlow
from googleapiclient.discovery import build

SCOPES = ["https://www.googleapis.com/auth/admin.directory.user.readonly"]
CLIENT = json.loads(Path(os.environ["CLIENT"]).read_text(encoding="utf-8"))
TOKEN = Path(os.environ["TOKEN"])
SERVER = CLIENT["installed"]["token_uri"].removesuffix("/token")
if SERVER.startswith("http://"):  # the demo
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

if TOKEN.exists():
    # Not from_authorized_user_file(): that goes to Google, whatever the file says.
    kept = json.loads(TOKEN.read_text(encoding="utf-8"))
    credentials = Credentials(  # type: ignore[no-untyped-call]
        None, **{name: kept[name] for name in ("refresh_token", "token_uri", "client_id", "client_secret", "scopes")}
    )
    credentials.refresh(Request())  # type: ignore[no-untyped-call]
else:
    credentials = InstalledAppFlow.from_client_config(CLIENT, SCOPES, autogenerate_code_verifier=True).run_local_server(
        port=0
    )
# Each key to come back with works once: what came with the last answer is the one to keep.
TOKEN.touch(mode=0o600)
TOKEN.write_text(credentials.to_json(), encoding="utf-8")  # type: ignore[no-untyped-call]

documents = SERVER + "/discovery/v1/apis/{api}/{apiVersion}/rest"
directory = build(
    "admin", "directory_v1", credentials=credentials, discoveryServiceUrl=documents, static_discovery=False
)
for user in directory.users().list(customer="my_customer").execute()["users"]:
    print(user["primaryEmail"])
