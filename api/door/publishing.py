"""What the door publishes for those who write clients: where its endpoints are, and its keys (OpenID Connect)."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.applications.protocol import GRANTS
from accounts.applications.signing_keys import published_certificates, published_keys
from accounts.machines.scopes import SCOPES
from api.door.answers import answered
from api.door.views import at_the_door

# Seconds: a new key signs at once, and clients ask again for one that they do not know.
_KEPT: Final = 300


@at_the_door("GET")
def openid_configuration(request: HttpRequest) -> HttpResponse:
    """Say where the endpoints are, and what they take."""
    here = settings.CONSOLE_URL.rstrip("/")
    return _public(
        {
            "issuer": here,
            "authorization_endpoint": f"{here}/o/oauth2/v2/auth",
            "token_endpoint": f"{here}/token",
            "userinfo_endpoint": f"{here}/oauth2/v3/userinfo",
            "revocation_endpoint": f"{here}/revoke",
            "jwks_uri": f"{here}/oauth2/v3/certs",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": [*GRANTS, "urn:ietf:params:oauth:grant-type:jwt-bearer"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": list(SCOPES),
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": [
                "aud", "email", "email_verified", "exp", "family_name", "given_name", "hd", "iat", "iss", "name", "sub"
            ],
        }
    )  # fmt: skip


@at_the_door("GET")
def key_set(request: HttpRequest) -> HttpResponse:
    """Publish the keys that id tokens are verified with."""
    return _public({"keys": published_keys()})


@at_the_door("GET")
def key_certificates(request: HttpRequest) -> HttpResponse:
    """Publish the same keys in certificates, by their ids."""
    return _public(published_certificates())


def _public(payload: dict[str, Any]) -> HttpResponse:
    return answered(payload, headers={"Cache-Control": f"public, max-age={_KEPT}", "Access-Control-Allow-Origin": "*"})
