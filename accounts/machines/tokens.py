"""What a machine shows with each call: made here, and asked for in the database each time (X3)."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.consents import holds_for, note_consent_used
from accounts.database.joined_row import JoinedRow
from accounts.factors import DUTY_SQL, is_locked_out
from accounts.identity_providers import needs_provider
from accounts.machines.assertions import SERVICES, BadAssertion, own_addresses, verified
from accounts.models import ApiToken, Consent, Customer, Reseller, ServiceAccount, ServiceAccountKey, User
from accounts.models.machines import TOKEN_LASTS_AT_MOST
from accounts.roles import Role

# What a token begins with: those who look for secrets in places where none should be find it by this.
TOKEN_PREFIX: Final = "rcapi_"  # noqa: S105  how each of them begins
# Longer ones are none of ours, and are not digested.
_LONGEST: Final = 200
# Tokens deleted in one statement.
_FORGOTTEN_AT_ONCE: Final = 5_000
# A JWT has two; a token of ours has none.
_DOTS: Final = 2

# The token, whose it is, and for whom it acts, where nothing has ended any of them: the account and its organisation
# work, the key still does, nobody has ended what the person allowed (X7), the person is active and of the same
# organisation (X2, P8, R13).
_BY_TOKEN: Final = JoinedRow(
    {"t": ApiToken, "a": ServiceAccount, "n": Consent, "c": Customer, "r": Reseller, "accounts_user": User},
    """
    FROM accounts_apitoken t
    JOIN accounts_serviceaccount a ON a.id = t.account_id AND a.suspended_at IS NULL AND a.deleted_at IS NULL
    LEFT JOIN accounts_serviceaccountkey k ON k.id = t.key_id
    LEFT JOIN accounts_consent n ON n.id = t.consent_id
    LEFT JOIN accounts_customer c ON c.id = a.customer_id
    LEFT JOIN accounts_reseller r ON r.id = a.reseller_id
    LEFT JOIN accounts_user ON accounts_user.id = t.person_id
    WHERE t.digest = %s AND t.revoked_at IS NULL AND t.expires_at > statement_timestamp()
    AND (t.key_id IS NULL OR (k.revoked_at IS NULL AND k.expires_at > statement_timestamp()))
    AND n.ended_at IS NULL AND r.suspended_at IS NULL
    AND (t.person_id IS NULL OR (
        accounts_user.is_active AND accounts_user.is_vendor = a.is_vendor
        AND accounts_user.customer_id IS NOT DISTINCT FROM a.customer_id
        AND accounts_user.reseller_id IS NOT DISTINCT FROM a.reseller_id))""",
    {
        **DUTY_SQL,
        "roles": "ARRAY(SELECT role FROM accounts_roleassignment WHERE user_id = accounts_user.id)",
        "was_used_lately": "coalesce(a.last_used_at > statement_timestamp() - interval '1 minute', FALSE)",
        "was_consent_used_lately": "coalesce(n.last_used_at > statement_timestamp() - interval '1 minute', FALSE)",
    },
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a machine has shown: which account it is, for whom it acts (None: for itself alone), and what it may ask.

    scopes: those of the token that are delegated to the account at this instant.
    """

    account: ServiceAccount
    person: User | None
    scopes: frozenset[str]
    expires_at: datetime

    def actor(self, ip_address: str | None) -> Actor:
        """Return who acts with it."""
        return Actor.of_machine(self.account, self.person, ip_address)


def digest_of(text: str) -> str:
    """Return what is kept of a token. It is random, so one round is enough, and a look-up by it tells nothing."""
    return sha256(text.encode()).hexdigest()


def new_text() -> str:
    """Return what a new token is to be."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def mint(
    *,
    account: ServiceAccount,
    key: ServiceAccountKey | None,
    person: User | None,
    scopes: Iterable[str],
    until: datetime | None = None,
    consent: Consent | None = None,
    text: str = "",
) -> tuple[str, datetime]:
    """Make a token, which is kept nowhere; returns it and its end: `until`, within an hour, and with its key at last.

    consent: by which it acts for a person, in place of a key. text: from new_text(), where it was said before.
    It decides nothing: what it opens is asked each time that it is shown.
    """
    now = database_now()
    ends = [now + TOKEN_LASTS_AT_MOST, *([until] if until else []), *([key.expires_at] if key else [])]
    text = text or new_text()
    ApiToken.objects.create(
        digest=digest_of(text),
        account=account,
        key=key,
        consent=consent,
        person=person,
        scopes=sorted(set(scopes)),
        made_at=now,
        expires_at=min(ends),
    )
    return text, min(ends)


def show(text: str) -> Shown | None:
    """Return what a token opens at this instant; None for one that does nothing, whatever the reason.

    One query; that the account was used is written down once a minute.
    """
    if text.count(".") == _DOTS:
        return _show_assertion(text)
    if not text.startswith(TOKEN_PREFIX) or len(text) > _LONGEST or not text.isascii():
        return None
    found = _BY_TOKEN.get(digest_of(text))
    if found is None:
        return None
    rows, said = found
    token, account, person, consent = rows["t"], rows["a"], rows["accounts_user"], rows["n"]
    account.customer, account.reseller = rows["c"], rows["r"]
    if person is not None:
        person.customer, person.reseller = rows["c"], rows["r"]
        person.lacks_factor, person.grace_left = said["lacks_factor"], said["grace_left"]
        person.roles = frozenset(map(Role, said["roles"]))
        if is_shut_out(person) or (consent is not None and not holds_for(person, consent)):
            return None
    if consent is not None and not said["was_consent_used_lately"]:
        note_consent_used(consent)
    if not said["was_used_lately"]:
        note_used(account)
    scopes = frozenset(token.scopes) & frozenset(account.scopes)
    if consent is not None:  # less than when it was made, where admins took something
        scopes &= frozenset(consent.scopes)
    return Shown(account, person, scopes, token.expires_at)


def _show_assertion(text: str) -> Shown | None:
    """Return what an assertion opens that a machine shows in the place of a token: what needs no person.

    Google's library for support, and others, sign one for the service that they call, and ask for no token.
    """
    try:
        said = verified(text, SERVICES | own_addresses())
    except BadAssertion:
        return None
    if said.subject:
        return None
    account = said.account
    asked = frozenset(said.claims.get("scope", "").split()) or frozenset(account.scopes)
    note_used(account)
    return Shown(account, None, asked & frozenset(account.scopes), said.until)


def is_shut_out(person: User) -> bool:
    """Tell whether their machines are shut out with a person: a second factor is due (P12), or the password is one
    that an admin chose.

    No machine adds the one or chooses the other; who signs in with a provider uses no password (P15).
    """
    return is_locked_out(person) or (person.must_change_password and not needs_provider(person))


def note_used(account: ServiceAccount) -> None:
    """Write down that an account was used now."""
    ServiceAccount.objects.filter(pk=account.pk).update(last_used_at=Now())


@transaction.atomic
def forget_expired_tokens() -> int:
    """Delete some of the tokens that are over; returns how many."""
    over = ApiToken.objects.filter(expires_at__lte=Now()).order_by("expires_at").values_list("pk", flat=True)
    return ApiToken.objects.filter(pk__in=list(over[:_FORGOTTEN_AT_ONCE])).delete()[0]
