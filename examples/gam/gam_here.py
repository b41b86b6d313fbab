"""GAM 7 at this server: GAMCFGDIR=/path/to/directory python gam_here.py info domain

The directory is written by `manage.py gam_config PERSON DIRECTORY --key KEY.json`. GAM has no setting for another
server: it reads the discovery documents from two addresses, which are replaced before it copies them, and follows what
stands in the documents from there on. It gets no token itself: this script gets one for each run, with the key.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import google_auth_httplib2
import googleapiclient.discovery
import httplib2
from google.oauth2 import service_account

directory = Path(os.environ["GAMCFGDIR"])
key = json.loads((directory / "oauth2service.json").read_text())
documents = key["token_uri"].removesuffix("/token") + "/discovery/v1/apis/{api}/{apiVersion}/rest"
googleapiclient.discovery.V1_DISCOVERY_URI = googleapiclient.discovery.V2_DISCOVERY_URI = documents

if __name__ == "__main__":
    signed_in = json.loads((directory / "oauth2.txt").read_text())
    person, scopes = signed_in["decoded_id_token"]["email"], signed_in["scopes"]
    machine = service_account.Credentials.from_service_account_info(key, subject=person, scopes=scopes)  # type: ignore[no-untyped-call]
    machine.refresh(google_auth_httplib2.Request(httplib2.Http()))
    (directory / "oauth2.txt").write_text(json.dumps(signed_in | {"token": machine.token}))

    from gam.__main__ import main

    main()
