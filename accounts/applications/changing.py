"""What admins change about an application: what it may ask for, where it leads people back to, its secret (X7)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from allauth.idp.oidc.models import Client
from django.db import transaction

from accounts.actor import Actor
from accounts.applications.redirects import LOOPBACK, clean_redirects
from accounts.applications.registering import NewApplication, Where, new_secret
from accounts.audit import EventName
from accounts.authorisation import require_fresh_proof
from accounts.locking import taking_away
from accounts.machines.owning import lock_account, record
from accounts.machines.scopes import clean_scopes, known, whole
from accounts.models import Consent, ServiceAccount


@taking_away()
def narrow_application(
    *, actor: Actor, account: ServiceAccount, scopes: Collection[str], redirects: Collection[str]
) -> bool:
    """Leave an application no more than these scopes and addresses, from its next call on.

    Returns False where it had no others.
    """
    account = lock_account(actor, account)
    wanted = {whole(scope) for scope in scopes}
    left = [scope for scope in account.scopes if scope in wanted]
    # Given again, a scope is asked for again.
    for consent in Consent.objects.select_for_update().filter(account=account, ended_at=None):
        kept = [scope for scope in consent.scopes if scope in left]
        if kept != consent.scopes:
            consent.scopes = kept
            consent.save(update_fields=["scopes"])
    addresses = _wanted(account, redirects)
    return _save(actor, account, left, [each for each in _redirects(account) if each in addresses])


@transaction.atomic
def widen_application(
    *, actor: Actor, account: ServiceAccount, scopes: Collection[str], redirects: Collection[str]
) -> bool:
    """Let an application ask for these scopes too, and lead people to these addresses beside those that it has.

    Who has allowed it is asked again before it may do more. redirects: without meaning for one on a computer.
    Returns False where it has them all. Raises Refused; ProofNeeded where the last proof is too old (P13).
    """
    account = lock_account(actor, account)
    added = [scope for scope in clean_scopes(scopes) if scope not in account.scopes]
    had = _redirects(account)
    more = [each for each in _wanted(account, redirects) if each not in had]
    if not added and not more:
        return False
    require_fresh_proof(actor)
    return _save(actor, account, known([*account.scopes, *added]), [*had, *more])


@transaction.atomic
def renew_secret(*, actor: Actor, account: ServiceAccount) -> NewApplication:
    """Give an application another secret; with the one before it exchanges nothing any more.

    What its people allowed stays. Raises Refused; ProofNeeded where the last proof is too old (P13).
    """
    account = lock_account(actor, account)
    require_fresh_proof(actor)
    secret, client = new_secret(), _client(account)
    client.set_secret(secret)
    client.save(update_fields=["secret"])
    record(EventName.CHANGE_OAUTH_CLIENT, actor, account, secret="renewed")  # noqa: S106  says that there is another
    return NewApplication(account, secret)


def _client(account: ServiceAccount) -> Client:
    client: Client | None = account.oauth_client
    assert client is not None  # each application has one
    return client


def _redirects(account: ServiceAccount) -> list[str]:
    addresses: list[str] = _client(account).get_redirect_uris()
    return addresses


def _wanted(account: ServiceAccount, redirects: Collection[str]) -> list[str]:
    return list(LOOPBACK) if _client(account).type == Where.COMPUTER else clean_redirects(redirects)


def _save(actor: Actor, account: ServiceAccount, scopes: list[str], redirects: list[str]) -> bool:
    old: dict[str, Any] = {"scopes": account.scopes, "redirects": _redirects(account)}
    new: dict[str, Any] = {"scopes": scopes, "redirects": redirects}
    changed = [name for name in new if new[name] != old[name]]
    if not changed:
        return False
    client = _client(account)
    client.set_redirect_uris(redirects)
    client.save(update_fields=["redirect_uris"])
    account.scopes = scopes
    account.save(update_fields=["scopes"])
    record(
        EventName.CHANGE_OAUTH_CLIENT,
        actor,
        account,
        old={name: old[name] for name in changed},
        **{name: new[name] for name in changed},
    )
    return True
