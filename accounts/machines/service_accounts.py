"""Service accounts (X2): made, delegated to, suspended, deleted. Their keys are in keys.py.

An account belongs to the organisation, not to the person who made it: it works on when they leave, for people who are
still there.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.authorisation import require_fresh_proof
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.machines.naming import new_email
from accounts.machines.owning import accounts_of, lock_account, lock_owner, owned_by, record
from accounts.machines.scopes import clean_scopes, known, whole
from accounts.models import ServiceAccount
from accounts.models.machines import ACCOUNT_NAME_MAX_LENGTH
from accounts.organisations import Organisation, clean_name, refuse_duplicate

# Of one organisation at a time.
MOST: Final = 50


@transaction.atomic
def make_service_account(
    *, actor: Actor, organisation: Organisation, name: str, scopes: Collection[str]
) -> ServiceAccount:
    """Make a service account of an organisation, to which some scopes are delegated. It has no key yet.

    Raises Refused; ProofNeeded where the actor's last proof is too old (P13).
    """
    organisation = lock_owner(actor, organisation)
    name = clean_name(name, max_length=ACCOUNT_NAME_MAX_LENGTH)
    scopes = clean_scopes(scopes)
    if accounts_of(organisation).filter(deleted_at=None).count() >= MOST:
        text = _("There are %(number)s service accounts already. Delete one that is not needed.")
        raise Refused(text % {"number": MOST})
    require_fresh_proof(actor)
    with refuse_duplicate(
        _("Another service account or application has or had this name. Choose another one."), "name"
    ):
        account = ServiceAccount.objects.create(
            **owned_by(organisation),
            name=name,
            email=new_email(organisation, name),
            scopes=scopes,
            made_by=actor.user,
        )
    record(EventName.CREATE_SERVICE_ACCOUNT, actor, account, email=account.email, scopes=scopes)
    return account


@transaction.atomic
def delegate_scopes(*, actor: Actor, account: ServiceAccount, scopes: Collection[str]) -> bool:
    """Let an account do more: these scopes beside those that it has. Returns False where it has them all.

    Tokens of before open no more than they did. Raises Refused; ProofNeeded where the last proof is too old (P13).
    """
    account = lock_account(actor, account)
    added = [scope for scope in clean_scopes(scopes) if scope not in account.scopes]
    if not added:
        return False
    require_fresh_proof(actor)
    return _save(EventName.AUTHORIZE_API_CLIENT_ACCESS, actor, account, [*account.scopes, *added])


@taking_away()
def withdraw_scopes(*, actor: Actor, account: ServiceAccount, scopes: Collection[str]) -> bool:
    """Take scopes from an account, and from its tokens with the next call. Returns False where it had none of them."""
    account = lock_account(actor, account)
    taken = {whole(scope) for scope in scopes}
    left = [scope for scope in account.scopes if scope not in taken]
    return _save(EventName.REMOVE_API_CLIENT_ACCESS, actor, account, left) if len(left) < len(account.scopes) else False


@taking_away()
def suspend_service_account(*, actor: Actor, account: ServiceAccount) -> bool:
    """Let an account do nothing from its next call on, until it is let again. Returns False where that was so."""
    account = lock_account(actor, account)
    if account.suspended_at is not None:
        return False
    account.suspended_at = database_now()
    account.save(update_fields=["suspended_at"])
    record(EventName.SUSPEND_SERVICE_ACCOUNT, actor, account)
    return True


@transaction.atomic
def restore_service_account(*, actor: Actor, account: ServiceAccount) -> bool:
    """Let a suspended account work again, with the keys that are left. Returns False where it was not suspended.

    Raises ProofNeeded where the last proof is too old (P13).
    """
    account = lock_account(actor, account)
    if account.suspended_at is None:
        return False
    require_fresh_proof(actor)
    account.suspended_at = None
    account.save(update_fields=["suspended_at"])
    record(EventName.RESTORE_SERVICE_ACCOUNT, actor, account)
    return True


@taking_away()
def delete_service_account(*, actor: Actor, account: ServiceAccount) -> bool:
    """End an account for good, from its next call on. Its row stays for the events that name it."""
    account = lock_account(actor, account)
    account.deleted_at = database_now()
    account.save(update_fields=["deleted_at"])
    record(EventName.DELETE_SERVICE_ACCOUNT, actor, account)
    return True


def _save(name: EventName, actor: Actor, account: ServiceAccount, scopes: list[str]) -> bool:
    old = account.scopes
    account.scopes = known(scopes)
    account.save(update_fields=["scopes"])
    record(name, actor, account, old={"scopes": old}, scopes=account.scopes)
    return True
