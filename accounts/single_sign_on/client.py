"""To the provider of an organisation and back, as OpenID Connect has it: with `state`, `nonce` and PKCE (P15).

allauth's `openid_connect` makes the requests; what it leaves open is closed here: the issuer must be the one that was
set up, the token is always checked against the provider's keys, and an answer belongs to one question of one browser.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import jwt
import requests
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import jwtkit, statekit
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.domains import canonical_email
from accounts.encrypting import lock_for
from accounts.errors import Refused
from accounts.links import address_of
from accounts.models import IdentityProvider
from accounts.single_sign_on.methods import shows_second_factor
from accounts.single_sign_on.outgoing import is_allowed_url

logger = logging.getLogger(__name__)

CALLBACK: Final = "provider_callback"
SECRETS: Final = "accounts.identity_providers"
_WELL_KNOWN: Final = "/.well-known/openid-configuration"
_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
# Seconds by which the provider's clock may differ from ours.
SKEW: Final = 60
_SUBJECT_AT_MOST: Final = 255
# Characters of an error that go into the log.
_SAID_AT_MOST: Final = 200

# What comes of an answer that is none, or not what was asked for.
_NONSENSE: Final = (
    requests.RequestException,
    OAuth2Error,
    jwt.PyJWTError,
    ArithmeticError,
    AttributeError,
    KeyError,
    RecursionError,
    TypeError,
    ValueError,
)

_SILENT = _("The provider does not answer. Try again in a few minutes.")
_WRONG = _("The provider gave an answer that cannot be trusted, or that is not understood here.")
_OVER = _("This sign-in is over, or was begun in another browser. Begin again.")


class ProviderSilent(Refused):
    """The provider did not answer in time, or not at all."""

    def __init__(self) -> None:
        super().__init__(_SILENT)


class Over(Refused):
    """Nothing in this browser waits for this answer any more, or what waited was changed meanwhile."""

    def __init__(self) -> None:
        super().__init__(_OVER)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a provider signed in, as it says.

    address: canonical; empty where it says none that we understand. is_verified: None where it does not say.
    authenticated_at: when it asked them last who they are, by its clock; None where it does not say.
    showed_factor: whether it asked for a second factor (P12).
    """

    issuer: str
    subject: str
    address: str
    is_verified: bool | None
    authenticated_at: float | None
    showed_factor: bool

    @property
    def uid(self) -> str:
        """What it is known by: the same subject at another issuer is another one. A digest: both can be long."""
        return hashlib.sha256(json.dumps([self.issuer, self.subject]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Return:
    """A browser that came back. errand: what it was sent for; said: what was kept for that, with `began_at`."""

    provider: IdentityProvider
    errand: str
    said: Mapping[str, Any]
    identity: Identity


def discover(issuer: str) -> str:
    """Return an issuer as its configuration spells it: with or without a slash at the end. Raises Refused."""
    if not is_allowed_url(issuer):
        raise Refused(_("Enter the URL of the issuer. It begins with https://."), "issuer")
    try:
        found = _configuration(issuer)
    except ProviderSilent as silent:
        raise Refused(silent.message, "issuer") from silent
    except Refused as wrong:
        raise Refused(_("There is no configuration of OpenID Connect at this URL."), "issuer") from wrong
    spelled = found.get("issuer")
    if not isinstance(spelled, str) or spelled.rstrip("/") != issuer.rstrip("/"):
        raise Refused(_("The provider at this URL calls itself by another issuer."), "issuer")
    if not all(is_allowed_url(found.get(name)) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")):
        raise Refused(_("The provider’s configuration names no usable addresses to sign in at."), "issuer")
    return spelled


def callback_url(request: HttpRequest, key: str) -> str:
    """Return the URL that the provider leads back to: what a request calls this host is believed in the demo only."""
    if settings.DEMO:
        return request.build_absolute_uri(reverse(CALLBACK, kwargs={"key": key}))
    return address_of(CALLBACK, key=key)


def begin(
    request: HttpRequest,
    provider: IdentityProvider,
    *,
    errand: str,
    said: Mapping[str, Any],
    address: str = "",
    is_fresh: bool = False,
) -> str:
    """Return the URL at the provider that the browser goes to.

    errand: what for; said: what it needs when it comes back, kept in the session. address: whom to suggest.
    is_fresh: the provider is to ask them who they are now, though they are signed in there (P13). Raises Refused.
    """
    client = _Adapter(request, provider)
    nonce = secrets.token_urlsafe(24)
    asked = {"nonce": nonce, **({"login_hint": address} if address else {})}
    if is_fresh:
        asked |= {"max_age": "0", "prompt": "login"}
    kept = {**said, "provider": provider.pk, "version": str(provider.version), "nonce": nonce, "began_at": time.time()}
    with _understood():
        url: str = client.get_provider().redirect(request, process=errand, data=kept, auth_params=asked).url
    return url


def come_back(request: HttpRequest, key: str) -> Return:
    """Take the answer that a provider sent the browser back with, to the URL with the key of its organisation.

    Each answer is taken once, in the browser that was sent, from the provider it was sent to. Raises Refused.
    """
    given = request.GET
    state = statekit.unstash_state(request, provider_id=key, state_id=given.get("state", ""))
    if state is None:
        raise Over
    kept: dict[str, Any] = state["data"]
    rows = IdentityProvider.objects.select_related("customer", "reseller")
    provider = rows.filter(pk=kept["provider"], version=kept["version"]).first()
    if provider is None:
        raise Over
    if given.get("iss", provider.issuer) != provider.issuer:
        raise Refused(_WRONG)
    if "code" not in given or "error" in given:
        cancelled = given.get("error") == "access_denied"
        raise Refused(_("You cancelled at the provider.") if cancelled else _("The provider did not sign you in."))
    with _understood():
        claims = _Adapter(request, provider).claims(kept["nonce"], state["pkce_code_verifier"])
        return Return(provider, state["process"], kept, _identity(provider, claims))


@contextmanager
def _understood() -> Iterator[None]:
    """Make a block in which a provider is asked: neither its silence nor nonsense is an error of ours."""
    try:
        yield
    except (requests.ConnectionError, requests.Timeout) as error:
        raise ProviderSilent from error
    except _NONSENSE as error:
        # OAuth2Error quotes the answer, with tokens in it.
        said = "" if isinstance(error, OAuth2Error) else str(error)[:_SAID_AT_MOST]
        logger.warning("a provider's answer was not understood: %s: %s", type(error).__name__, said)
        raise Refused(_WRONG) from error


def _configuration(issuer: str) -> dict[str, Any]:
    with _understood(), get_adapter().get_requests_session() as session:
        answer = session.get(issuer.rstrip("/") + _WELL_KNOWN)
        answer.raise_for_status()
        found: dict[str, Any] = dict(answer.json())
    return found


class _Provider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth has no types
    """allauth's, for what an organisation has set up."""

    def get_oauth2_adapter(self, request: HttpRequest) -> _Adapter:
        return self.app.adapter  # type: ignore[no-any-return]


class _Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types
    """allauth's, for one provider and one request."""

    def __init__(self, request: HttpRequest, provider: IdentityProvider) -> None:
        super().__init__(request, provider.key)
        self.issuer = provider.issuer
        secret = lock_for(SECRETS).decrypt(provider.secret.encode()).decode()
        self.app = SocialApp(provider=OpenIDConnectProvider.id, provider_id=provider.key, name=provider.key)
        self.app.client_id, self.app.secret, self.app.settings = (
            provider.client_id,
            secret,
            {"oauth_pkce_enabled": True},
        )
        self.app.adapter = self

    def get_provider(self) -> _Provider:
        return _Provider(self.request, app=self.app)

    @property
    def openid_config(self) -> dict[str, Any]:
        """Its configuration, asked for once; it must be that of this very issuer."""
        if not hasattr(self, "_configured"):
            found = _configuration(self.issuer)
            if found["issuer"] != self.issuer:
                raise ValueError("another issuer")
            self._configured = found
        return self._configured

    @property
    def authorize_url(self) -> str:
        url: str = self.openid_config["authorization_endpoint"]
        if not is_allowed_url(url):
            raise ValueError("not a URL for a browser")
        return url

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return callback_url(request, self.provider_id)

    def claims(self, nonce: str, verifier: str) -> dict[str, Any]:
        """Return what the provider says about whom it signed in, all of it checked."""
        client = self.get_client(self.request, self.app)
        answer = self.get_access_token_data(self.request, self.app, client, pkce_code_verifier=verifier)
        claims = self._checked(answer["id_token"])
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise ValueError("an answer to another question")
        if claims.get("azp", self.app.client_id) != self.app.client_id:
            raise ValueError("a token of another client")
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            more = self._fetch_user_info(answer["access_token"])
            if more["sub"] != claims["sub"]:
                raise ValueError("the address of another person")
            claims |= {name: more[name] for name in ("email", "email_verified") if name in more}
        return claims

    def _checked(self, token: str) -> dict[str, Any]:
        algorithm, key = jwtkit.fetch_key(token, self.openid_config["jwks_uri"], jwtkit.lookup_kid_jwk)
        if algorithm not in _ALGORITHMS:
            raise ValueError("an algorithm that proves nothing")
        claims: dict[str, Any] = jwt.decode(
            token,
            key=key,
            algorithms=[algorithm],
            audience=self.app.client_id,
            issuer=self.issuer,
            leeway=SKEW,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
        return claims


def _identity(provider: IdentityProvider, claims: Mapping[str, Any]) -> Identity:
    subject, address = claims["sub"], claims.get("email")
    # ASCII, as OpenID Connect has it.
    is_usable = isinstance(subject, str) and subject.isascii() and subject.isprintable()
    if not is_usable or not 0 < len(subject) <= _SUBJECT_AT_MOST:
        raise ValueError("no usable subject")
    try:
        address = canonical_email(address) if isinstance(address, str) else ""
    except ValidationError:
        address = ""
    says, at = claims.get("email_verified"), claims.get("auth_time")
    return Identity(
        issuer=provider.issuer,
        subject=subject,
        address=address,
        is_verified=None if says is None else says in (True, "true"),
        authenticated_at=float(at) if isinstance(at, int | float) and not isinstance(at, bool) else None,
        showed_factor=shows_second_factor(claims.get("amr")),
    )
