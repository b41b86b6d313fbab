"""The original's installed applications, as people write them: asked in the browser once, and refreshed later (X7)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request
from google.oauth2 import id_token
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import InstalledAppFlow
from pytest_django.live_server_helper import LiveServer

from accounts.applications.client_file import client_file
from accounts.models import Consent, User
from reseller_console.local import places
from tests.api.applications import USERS, application
from tests.cast import Cast, cast
from tests.client import signed_in

__all__ = ["cast"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _is_reached_as_people_type_it(live_server: LiveServer, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CONSOLE_URL = live_server.url
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # on loopback


@pytest.fixture
def file(cast: Cast, live_server: LiveServer, tmp_path: Path) -> Path:
    path = tmp_path / "client_secrets.json"
    path.write_text(client_file(application(cast.acme.super_admin), live_server.url))
    return path


def allow(person: User, url: str) -> str:
    """Allow in a browser what a client asks at a URL; returns where the browser is led."""
    parts = urlsplit(url)
    answer = signed_in(person).post(f"{parts.path}?{parts.query}", {"answer": "allow"})
    return str(answer.headers["Location"])


def test_X7_the_flow_of_google_auth_oauthlib(cast: Cast, file: Path, live_server: LiveServer) -> None:
    ana = cast.acme.super_admin
    flow = InstalledAppFlow.from_client_secrets_file(str(file), [USERS, "openid"], autogenerate_code_verifier=True)
    flow.redirect_uri = "http://localhost:4711/"
    url, _state = flow.authorization_url()
    flow.fetch_token(authorization_response=allow(ana, url))
    credentials = flow.credentials
    assert credentials.refresh_token and not credentials.expired
    said = id_token.verify_token(
        credentials.id_token,
        Request(),
        audience=credentials.client_id,
        certs_url=f"{live_server.url}/oauth2/v1/certs",
        clock_skew_in_seconds=5,
    )
    assert said["sub"] == ana.public_id and said["iss"] == live_server.url
    names = ("token_uri", "client_id", "client_secret")
    kept = {"token": None, **{name: getattr(credentials, name) for name in names}}
    before = credentials.token, credentials.refresh_token
    credentials.refresh(Request())
    assert (credentials.token, credentials.refresh_token) != before
    assert set(before).isdisjoint({credentials.token, credentials.refresh_token})
    # Another copy of the first refresh token: nothing works any more, here neither.
    credentials = Credentials(**{**kept, "refresh_token": before[1]})  # type: ignore[no-untyped-call]
    for _time in range(2):
        with pytest.raises(RefreshError, match="invalid_grant"):
            credentials.refresh(Request())  # type: ignore[no-untyped-call]
    assert Consent.objects.get().ended_at is not None


class Example:
    """The example as a person starts it."""

    def __init__(self, file: Path) -> None:
        self.token = file.with_name("token.json")
        self.environment = {**os.environ, "CLIENT": str(file), "TOKEN": str(self.token), "BROWSER": "true"}

    def start(self) -> subprocess.Popen[str]:
        command = [sys.executable, "-u", "-W", "error", str(places.CHECKOUT / "examples" / "python" / "as_yourself.py")]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )


def test_the_example_of_an_installed_application(cast: Cast, file: Path) -> None:
    example = Example(file)
    ana = cast.acme.super_admin
    with example.start() as first:
        assert first.stdout is not None
        url = first.stdout.readline().strip().rpartition(" ")[2]
        with urlopen(allow(ana, url), timeout=20) as said:  # noqa: S310  its own server, on loopback
            assert said.status == 200
        printed, errors = first.communicate(timeout=60)
    assert first.returncode == 0, errors
    assert ana.email in printed.splitlines()
    assert example.token.stat().st_mode & 0o077 == 0
    kept = json.loads(example.token.read_text())["refresh_token"]
    # The second time nobody is asked.
    with example.start() as second:
        printed, errors = second.communicate(timeout=60)
    assert second.returncode == 0, errors
    assert ana.email in printed.splitlines()
    assert json.loads(example.token.read_text())["refresh_token"] != kept
    Consent.objects.update(ended_at=Consent.objects.get().made_at)
    with example.start() as third:
        _printed, errors = third.communicate(timeout=60)
    assert third.returncode != 0 and "invalid_grant" in errors
