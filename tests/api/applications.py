"""Applications for tests: registered by the verb, allowed as a person does it in a browser, and what clients send."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.test import Client
from oauthlib.oauth2 import WebApplicationClient

from accounts.actor import Actor
from accounts.applications.client_file import client_file
from accounts.applications.registering import NewApplication, Where, register_application
from accounts.machines.scopes import whole
from accounts.models import ServiceAccount, User
from tests.client import signed_in

AUTH = "/o/oauth2/v2/auth"
BACK = "http://localhost:4711/"
USERS = whole("admin.directory.user.readonly")
ORDER = whole("apps.order")
VERIFIER = "a-verifier-of-more-than-forty-three-characters-0123"


def application(
    admin: User, *scopes: str, name: str = "Reports", where: Where = Where.COMPUTER, redirects: tuple[str, ...] = ()
) -> NewApplication:
    """An application of the organisation of an admin."""
    organisation = admin.customer or admin.reseller
    assert organisation is not None
    return register_application(
        actor=Actor(user=admin),
        organisation=organisation,
        name=name,
        where=where,
        redirects=redirects,
        scopes=[whole(scope) for scope in scopes] or [USERS, "openid", "email"],
    )


@dataclass
class Program:
    """An application at work: it leads a person's browser to the page that asks, and exchanges what comes back."""

    new: NewApplication
    client: Client = field(default_factory=Client)

    @property
    def account(self) -> ServiceAccount:
        return self.new.account

    @property
    def file(self) -> dict[str, Any]:
        said: dict[str, dict[str, Any]] = json.loads(client_file(self.new, settings.CONSOLE_URL))
        return next(iter(said.values()))

    def url(self, *scopes: str, **more: str | None) -> str:
        """Where it leads a browser. more: in the place of what it sends else; None: without it."""
        asked = {
            "response_type": "code",
            "client_id": self.account.unique_id,
            "redirect_uri": BACK,
            "scope": " ".join(scopes or (USERS,)),
            "state": "a state",
            "access_type": "offline",
            "code_challenge": WebApplicationClient("").create_code_challenge(VERIFIER, "S256"),
            "code_challenge_method": "S256",
            **more,
        }
        return f"{AUTH}?{urlencode({name: value for name, value in asked.items() if value is not None})}"

    def code(self, person: User, *scopes: str, **more: str | None) -> str:
        """The code for what a person allows."""
        answer = signed_in(person).post(self.url(*scopes, **more), {"answer": "allow"})
        return sent_back(answer)["code"]

    def token(self, **sent: str | None) -> Any:
        """Its answer of the token endpoint."""
        said = {"client_id": self.account.unique_id, "client_secret": self.new.secret, **sent}
        form = urlencode({name: value for name, value in said.items() if value is not None})
        return self.client.post("/token", form, content_type="application/x-www-form-urlencoded")

    def exchange(self, code: str, **more: str | None) -> Any:
        sent = {"code": code, "redirect_uri": BACK, "code_verifier": VERIFIER, **more}
        return self.token(grant_type="authorization_code", **sent)

    def refresh(self, token: str, **more: str | None) -> Any:
        return self.token(grant_type="refresh_token", refresh_token=token, **more)

    def allowed_by(self, person: User, *scopes: str) -> dict[str, Any]:
        """The tokens that it gets when a person allows it."""
        answer = self.exchange(self.code(person, *scopes))
        assert answer.status_code == 200, answer.content
        said: dict[str, Any] = answer.json()
        return said

    def give_back(self, token: str) -> Any:
        return self.client.post("/revoke", f"token={token}", content_type="application/x-www-form-urlencoded")

    def users(self, token: str) -> Any:
        """Its answer of a method that lists users."""
        path = "/admin/directory/v1/users?customer=my_customer"
        return self.client.get(path, headers={"Authorization": f"Bearer {token}"})


def led_to(answer: Any) -> str:
    """Where a browser is led: by an answer to a form, or by a page by itself."""
    if answer.status_code == 303:
        return str(answer.headers["Location"])
    assert answer.status_code == 200, answer.content
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.content.decode())
    assert found is not None, answer.content
    return unescape(found[1])


def sent_back(answer: Any) -> dict[str, str]:
    """What an application gets in the query of where a browser is led."""
    return {name: values[0] for name, values in parse_qs(urlsplit(led_to(answer)).query).items()}
