"""The provider as tests have it: registering the console there, and signing in as one of its people."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from reseller_console.local import processes
from reseller_console.local.valkey import free_port
from tests import servers

PASSWORD: Final = "known-at-the-provider"
# Its people and whether it has verified their addresses; their subjects are "1", "2", …
PEOPLE: Final = {
    "alice@acme.example": True,
    "bob@acme.example": True,
    "rosa@resale.example": True,
    "eve@elsewhere.example": True,
    "una@acme.example": False,
}


@dataclass(frozen=True, slots=True)
class Registered:
    """What a provider gives to those who register."""

    issuer: str
    client_id: str
    secret: str


@dataclass
class Provider:
    """A provider that runs. One process is two issuers: under the name of this machine, and under its number."""

    port: int
    directory: Path

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def other_issuer(self) -> str:
        return f"http://localhost:{self.port}"

    def say(self, claims: Mapping[str, Any]) -> None:
        """Let its tokens say more from now on, or something else; None: leave a claim out."""
        (self.directory / "claims.json").write_text(json.dumps(claims))

    def register(self, redirect_url: str, issuer: str = "") -> Registered:
        """Register the console, as an admin does on a provider's own pages."""
        issuer = issuer or self.issuer
        asked = {"redirect_uris": [redirect_url], "token_endpoint_auth_method": "client_secret_post"}
        answer = requests.post(
            f"{issuer}/identity/o/api/clients", json=asked | {"scope": "openid profile email"}, timeout=10
        )
        assert answer.status_code == 201, answer.text
        return Registered(issuer, answer.json()["client_id"], answer.json()["client_secret"])

    def browser(self) -> Browser:
        return Browser()


class Browser(requests.Session):
    """A person's browser at the provider, signed in there or not."""

    def sign_in(self, url: str, address: str) -> str:
        """Go to the provider, type the password if asked, and return the URL to which it leads back."""
        answer = self.get(url, allow_redirects=False, timeout=10)
        base = re.match(r"https?://[^/]+", url)
        assert base is not None
        while True:
            if answer.is_redirect:
                url = requests.compat.urljoin(answer.url, answer.headers["Location"])
                if not url.startswith(base[0]):
                    return url
                answer = self.get(url, allow_redirects=False, timeout=10)
            else:
                assert answer.status_code == 200, answer.text
                [token] = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.text))
                fields = {"csrfmiddlewaretoken": token, "login": address, "password": PASSWORD}
                assert 'name="password"' in answer.text, answer.text
                hidden = dict(re.findall(r'type="hidden" name="(next)" value="([^"]*)"', answer.text))
                fields |= {name: value.replace("&amp;", "&") for name, value in hidden.items()}
                answer = self.post(
                    answer.url, fields, headers={"Referer": answer.url}, allow_redirects=False, timeout=10
                )
                assert answer.is_redirect, answer.text


@pytest.fixture(scope="session")
def running_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    directory, port = tmp_path_factory.mktemp("provider"), free_port()
    provider = Provider(port, directory)
    provider.say({})
    environment = {
        "PROVIDER_DIRECTORY": str(directory),
        "PROVIDER_PEOPLE": json.dumps(PEOPLE),
        "PROVIDER_PASSWORD": PASSWORD,
        "PROVIDER_PORT": str(port),
    }
    log = directory / "provider.log"
    child = servers.started([sys.executable, "-m", "tests.identity_provider.serve"], log, environment)
    until = time.monotonic() + servers.READY_LIMIT
    while True:
        try:
            requests.get(f"{provider.issuer}/.well-known/openid-configuration", timeout=5).raise_for_status()
            break
        except requests.RequestException:
            assert child.popen.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.1)
    yield provider
    processes.stop(child)


@pytest.fixture
def provider(running_provider: Provider) -> Iterator[Provider]:
    """A provider that says what it says by itself, at the beginning of each test."""
    running_provider.say({})
    yield running_provider
    running_provider.say({})
