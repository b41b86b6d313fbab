"""What oauthlib asks while it looks at a request: answered from our rows, where allauth's answers do not do (X7).

allauth keeps codes in the cache, by their text, and deletes a refresh token that was exchanged: then nobody notices
when it is used again. Here both are rows of allauth's `Token`, by their digest, locked while they are exchanged, and
kept until they expire. Access tokens are those of machines (accounts/machines/tokens.py).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final

from allauth.idp.oidc.internal.oauthlib.request_validator import OAuthLibRequestValidator
from allauth.idp.oidc.models import Client, Token
from oauthlib.common import Request

from accounts.actor import Actor
from accounts.applications.allowing import allow_application, in_force
from accounts.applications.ending import end_copied
from accounts.applications.redirects import is_allowed
from accounts.applications.registering import Where
from accounts.clock import database_now
from accounts.consents import holds_for, note_consent_used
from accounts.machines.owning import owned_by
from accounts.machines.tokens import digest_of, is_shut_out, mint
from accounts.models import Consent, User
from accounts.models.organisations import VENDOR

CODE_LASTS: Final = timedelta(minutes=1)
# Since it was exchanged last; in the original six months too.
REFRESH_LASTS: Final = timedelta(days=180)
# How long one that was exchanged is known as such.
_REMEMBERED: Final = timedelta(days=30)


class Validator(OAuthLibRequestValidator):  # type: ignore[misc]  # allauth has no types
    """Answers for one request. actor: who is asked in a browser; None: a client exchanges what it has."""

    def __init__(self, actor: Actor | None = None) -> None:
        super().__init__()
        self._actor = actor
        self._consent: Consent | None = None
        self._exchanged: Token | None = None
        self._codes: dict[str, Token | None] = {}

    # Who asks, and where they are led back to

    def _lookup_client(self, request: Request, client_id: Any) -> Client | None:
        """Return a client whose application works; where a person is asked: only one of their own organisation."""
        if not isinstance(client_id, str) or "\0" in client_id:
            return None
        working = Client.objects.select_related("application__customer", "application__reseller").filter(
            application__deleted_at=None, application__reseller__suspended_at=None, application__isnull=False
        )
        if self._actor is not None:
            person = self._actor.user
            own = owned_by(person.customer or person.reseller or VENDOR)
            working = working.filter(**{f"application__{name}": value for name, value in own.items()})
        found: Client | None = working.filter(pk=client_id).first()
        return found

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        on_a_computer = request.client.type == Where.COMPUTER
        return is_allowed(redirect_uri, request.client.get_redirect_uris(), on_a_computer=on_a_computer)

    def validate_scopes(
        self, client_id: str, scopes: Collection[str], client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        return bool(scopes) and set(scopes) <= set(client.application.scopes)

    def validate_silent_authorization(self, request: Request) -> bool:
        """Let nobody be asked silently: on a computer any program can say that it is this one (RFC 8252, 8.6)."""
        return False

    # The code

    def save_authorization_code(
        self, client_id: str, code: dict[str, Any], request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Note what a person allows, and keep the code for it."""
        assert self._actor is not None
        consent = allow_application(actor=self._actor, account=request.client.application, scopes=request.scopes)
        data: dict[str, Any] = {
            "consent": consent.pk,
            "redirect_uri": request.redirect_uri,
            "scopes": list(request.scopes),
            "code": {"nonce": getattr(request, "nonce", None)},
            "offline": request.client.type == Where.COMPUTER or getattr(request, "access_type", None) == "offline",
        }
        if challenge := getattr(request, "code_challenge", None):
            data["pkce"] = {"code_challenge": challenge, "code_challenge_method": request.code_challenge_method}
        now = database_now()
        _keep(Token.Type.AUTHORIZATION_CODE, code["code"], request.client, consent, data, now + CODE_LASTS)

    def _lookup_authorization_code(self, request: Request, client_id: str, code: str) -> dict[str, Any] | None:
        """Return what is kept of a code, as allauth's answers read it."""
        row = self._code(code)
        data: dict[str, Any] | None = None if row is None else row.data
        return data

    def validate_code(
        self, client_id: str, code: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        row = self._code(code)
        if row is None or row.client_id != client.pk or not self._exchange(row):
            return False
        assert self._consent is not None
        request.user, request.scopes, request.claims = self._consent.person, row.data["scopes"], None
        return True

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Request, *args: Any, **kwargs: Any
    ) -> None:
        """Nothing: it was marked as used when its tokens were saved, in the same transaction."""

    def _code(self, code: str) -> Token | None:
        if code not in self._codes:
            self._codes[code] = _kept(Token.Type.AUTHORIZATION_CODE, code)
        return self._codes[code]

    # The refresh token

    def validate_refresh_token(
        self, refresh_token: str, client: Client, request: Request, *args: Any, **kwargs: Any
    ) -> bool:
        row = _kept(Token.Type.REFRESH_TOKEN, refresh_token)
        if row is None or row.client_id != client.pk or not self._exchange(row):
            return False
        assert self._consent is not None
        request.user = self._consent.person
        return True

    def get_original_scopes(self, refresh_token: str, request: Request, *args: Any, **kwargs: Any) -> list[str]:
        """Return what was allowed, as far as the application may ask for it yet."""
        assert self._exchanged is not None and self._consent is not None
        allowed = self._consent.scopes
        return [scope for scope in self._exchanged.data["scopes"] if scope in allowed]

    # The tokens

    def save_bearer_token(self, token: dict[str, Any], request: Request, *args: Any, **kwargs: Any) -> None:
        """Keep the tokens of an answer; one for later stands in it only where the application asked for that."""
        row, consent = self._exchanged, self._consent
        assert row is not None and consent is not None
        now = database_now()
        row.data["used"] = True
        row.expires_at = now + _REMEMBERED
        row.save(update_fields=["data", "expires_at"])
        mint(
            account=consent.account,
            key=None,
            person=consent.person,
            scopes=request.scopes,
            consent=consent,
            text=token["access_token"],
        )
        note_consent_used(consent)
        if not row.data["offline"]:
            del token["refresh_token"]
            return
        data = {"consent": consent.pk, "scopes": row.data["scopes"], "offline": True}
        _keep(Token.Type.REFRESH_TOKEN, token["refresh_token"], request.client, consent, data, now + REFRESH_LASTS)

    def _exchange(self, row: Token) -> bool:
        """Tell whether what a client shows can become tokens; where it was used before, it ends what was allowed."""
        consents = in_force().select_related("account", "person__customer", "person__reseller")
        consent = consents.select_for_update(of=("self",)).filter(pk=row.data["consent"]).first()
        if consent is None:
            return False
        if row.data.get("used"):
            end_copied(consent)
            return False
        self._exchanged, self._consent = row, consent
        return row.expires_at > database_now() and _works_for(consent.person, consent)


def _works_for(person: User, consent: Consent) -> bool:
    """Tell whether an application acts for a person yet: each call asks the same (accounts/machines/tokens.py)."""
    account = consent.account
    same = (person.customer_id, person.reseller_id) == (account.customer_id, account.reseller_id)
    return person.is_active and same and holds_for(person, consent) and not is_shut_out(person)


def _kept(kind: Token.Type, text: str) -> Token | None:
    """Return the row of a code or a refresh token, locked: of two at the same time the second finds it used."""
    rows = Token.objects.select_for_update(of=("self",))
    found: Token | None = rows.filter(type=kind, hash=digest_of(text)).first()
    return found


def _keep(kind: Token.Type, text: str, client: Client, consent: Consent, data: dict[str, Any], until: Any) -> None:
    Token.objects.create(
        type=kind,
        hash=digest_of(text),
        client=client,
        user=consent.person,
        data=data,
        created_at=database_now(),
        expires_at=until,
    )
