"""A program with a token, as tests need it: what it sends, and what it is told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from accounts.actor import Actor
from accounts.models import Customer, Reseller, ScimToken, User
from accounts.provisioning.tokens import make_scim_token, tokens_of
from accounts.roles import Role
from tests.factories import make_person

CORE = "urn:ietf:params:scim:schemas:core:2.0"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@dataclass
class Program:
    """Sends requests with a token."""

    code: str
    client: Client

    def send(self, method: str, path: str, payload: Any = None, **headers: Any) -> Any:
        """Send a request; the path is below /scim/v2/."""
        body = payload if isinstance(payload, bytes | str) else json.dumps(payload) if payload is not None else ""
        bearer = {"Authorization": f"Bearer {self.code}"} if self.code else {}
        return self.client.generic(
            method, f"/scim/v2/{path}", body, "application/scim+json", headers={**bearer, **headers}
        )

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def patch(self, path: str, *operations: dict[str, Any]) -> Any:
        return self.send("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})

    def create(self, user_name: str, **more: Any) -> Any:
        return self.send("POST", "Users", {"schemas": [f"{CORE}:User"], "userName": user_name, **more})

    def create_group(self, name: str, **more: Any) -> Any:
        return self.send("POST", "Groups", {"schemas": [f"{CORE}:Group"], "displayName": name, **more})


def admin_of(organisation: Customer | Reseller) -> User:
    """The admin who may make tokens, made where there is none."""
    role = Role.SUPER_ADMIN if isinstance(organisation, Customer) else Role.RESELLER_ADMIN
    found = organisation.people.filter(role_assignments__role=role, is_active=True).first()
    return found or make_person(organisation, role, name=f"{organisation.name} Admin")


def make_token(organisation: Customer | Reseller, name: str = "Entra ID", *, invites: bool = False) -> str:
    """A token of an organisation, made by its admin; what the program shows."""
    actor = Actor(user=admin_of(organisation))
    return make_scim_token(actor=actor, organisation=organisation, name=name, days=90, invites_people=invites)


def token_named(organisation: Customer | Reseller, name: str = "Entra ID") -> ScimToken:
    return tokens_of(organisation).get(name=name)


def program_of(organisation: Customer | Reseller, name: str = "Entra ID", *, invites: bool = False) -> Program:
    """A program with a token of its own."""
    return Program(make_token(organisation, name, invites=invites), Client(raise_request_exception=False))
