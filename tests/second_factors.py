"""People with a second factor, and the codes of their apps (P12)."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from accounts.clock import database_now
from accounts.models import User
from accounts.sign_in.enrolling import new_app_secret
from accounts.sign_in.factor_adapter import FactorAdapter
from tests.factories import PASSWORD

SIGN_IN, STEP, PASSKEY = "/accounts/login/", "/accounts/login/second-step/", "/accounts/login/passkey/"
ORIGIN = "https://testserver"


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or showed or will show some steps of 30 seconds away."""
    return str(format_hotp_value(hotp_value(secret, int(database_now().timestamp()) // 30 + steps)))


def give_app(person: User) -> str:
    """Give a person an authenticator app as a row alone; returns its secret."""
    secret = new_app_secret()
    data = {"secret": FactorAdapter().encrypt(secret)}
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data=data)
    return secret


def half_signed_in(person: User, password: str = PASSWORD) -> Client:
    """A browser in which a person's password was right, and their second factor was not shown yet."""
    client = Client()
    response = client.post(SIGN_IN, {"login": person.email, "password": password})
    assert response.headers["Location"] == STEP
    return client


def show_code(client: Client, code: str) -> Any:
    return client.post(STEP, {"code": code})


class Device:
    """A device with one passkey, which asks for a PIN: it answers as a browser hands its answer on."""

    def __init__(self, person: User, *, verifies: bool = True) -> None:
        self.person, self.key, self.id = person, ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)
        self.flags = AuthenticatorData.FLAG.UP | (AuthenticatorData.FLAG.UV if verifies else 0)

    def make(self, options: dict[str, Any], origin: str = ORIGIN) -> dict[str, Any]:
        """Make the passkey."""
        key = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        made = AttestedCredentialData.create(Aaguid.NONE, self.id, key)
        data = AuthenticatorData.create(_digest(options["rp"]["id"]), self.flags | AuthenticatorData.FLAG.AT, 0, made)
        asked = _client_data("webauthn.create", options, origin)
        attestation = AttestationObject.create("none", data, {})
        return self._answer({"clientDataJSON": websafe_encode(asked), "attestationObject": websafe_encode(attestation)})

    def show(self, options: dict[str, Any], origin: str = ORIGIN) -> dict[str, Any]:
        """Show the passkey."""
        data = AuthenticatorData.create(_digest(options["rpId"]), self.flags, 1)
        asked = _client_data("webauthn.get", options, origin)
        signature = self.key.sign(data + hashlib.sha256(asked).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": asked, "authenticatorData": data, "signature": signature}
        handle = user_pk_to_url_str(self.person).encode()
        return self._answer({name: websafe_encode(part) for name, part in (parts | {"userHandle": handle}).items()})

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        name = websafe_encode(self.id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}


def give_passkey(person: User, name: str = "Laptop") -> Device:
    """Give a person a passkey as a row alone."""
    device = Device(person)
    made = device.make({"rp": {"id": "testserver"}, "challenge": "AAAA"})
    Authenticator.objects.create(user=person, type="webauthn", data={"name": name, "credential": made})
    return device


def _digest(host: str) -> bytes:
    return hashlib.sha256(host.encode()).digest()


def _client_data(kind: str, options: dict[str, Any], origin: str) -> bytes:
    return CollectedClientData.create(kind, websafe_decode(options["challenge"]), origin)
