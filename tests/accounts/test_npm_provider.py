"""P15 with a second provider that nobody here wrote: npm's `oidc-provider`, where Node and the package are installed.

It differs from allauth's: addresses come from its userinfo, its keys are rotated by itself, `max_age` is its own doing.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest
import requests
from django.core.cache import cache
from django.test import Client

from accounts.actor import Actor
from accounts.proof import PROVED_AT
from accounts.single_sign_on.client import discover
from accounts.single_sign_on.setting_up import record_test, set_up, switch_on
from reseller_console.local import places, processes
from reseller_console.local.valkey import free_port
from tests import servers
from tests.identity_provider.world import (
    Organisation,
    acme,
    ask,
    back_at_console,
    cem,
    identity_of,
    is_super_admin,
    to_provider,
    type_address,
    url_to_provider,
)

pytestmark = pytest.mark.django_db

# Where .ci/run has npm put it.
MODULE = places.STATE / "oidc-provider" / "node_modules" / "oidc-provider" / "lib" / "index.js"


@pytest.fixture
def org(db: None, tmp_path: Path) -> Iterator[Organisation]:
    """Acme, with the provider switched on."""
    node = shutil.which("node")
    if node is None or not MODULE.exists():
        pytest.skip("no Node, or npm has not installed oidc-provider in .local/oidc-provider (see .ci/run)")
    cache.clear()
    made, port = acme(), free_port()
    environment = {
        "PROVIDER_MODULE": str(MODULE),
        "PROVIDER_PORT": str(port),
        "PROVIDER_REDIRECT": f"http://testserver{made.callback}",
        "PROVIDER_ADDRESS": made.admin.email,
    }
    log = tmp_path / "npm.log"
    program = Path(__file__).parent.parent / "identity_provider" / "npm.mjs"
    child = servers.started([node, str(program)], log, environment)
    issuer, until = f"http://127.0.0.1:{port}", time.monotonic() + servers.READY_LIMIT
    while True:
        try:
            requests.get(f"{issuer}/.well-known/openid-configuration", timeout=5).raise_for_status()
            break
        except requests.RequestException:
            assert child.popen.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.1)
    actor = Actor(made.admin)
    row = set_up(
        actor=actor,
        organisation=made.owner,
        issuer=discover(issuer),
        client_id="console",
        secret="a-secret-of-the-console",
    )
    row = record_test(actor=actor, provider=row, identity=identity_of(made.admin, issuer))
    switch_on(actor=actor, provider=row, seen=str(row.version))
    yield made
    processes.stop(child)


def through(browser: requests.Session, url: str) -> str:
    """Fill in the pages of the provider, its sign-in and its question whether the console may be told."""
    answer = browser.get(url, allow_redirects=False, timeout=10)
    while True:
        if answer.is_redirect:
            url = urljoin(answer.url, answer.headers["Location"])
            if url.startswith("http://testserver/"):
                return url
            answer = browser.get(url, allow_redirects=False, timeout=10)
        else:
            assert answer.ok, answer.text
            action = re.search(r'action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="([^"]+)"', answer.text)
            assert action and prompt, answer.text
            fields = {"prompt": prompt[1], "login": "alice", "password": "anything"}
            url = urljoin(answer.url, unescape(action[1]))
            answer = browser.post(url, fields, allow_redirects=False, timeout=10)


def test_P15_people_sign_in_and_prove_themselves_with_it(org: Organisation, client: Client) -> None:
    browser = requests.Session()
    url = url_to_provider(type_address(client, org.admin.email))
    assert back_at_console(client, through(browser, url)).headers["Location"] == "/"
    assert client.session["_auth_user_id"] == str(org.admin.pk)
    session = client.session
    session.pop(PROVED_AT, None)
    session.save()
    person = cem(org)
    onward = back_at_console(client, through(browser, to_provider(client, ask(client, person))))
    client.get(onward.headers["Location"])
    assert is_super_admin(person)


def test_where_npm_is_the_package_is_there() -> None:
    """On continuous integration nothing is skipped without anybody noticing."""
    if "CI" not in os.environ:
        pytest.skip("not on continuous integration")
    assert shutil.which("node") and MODULE.exists()
