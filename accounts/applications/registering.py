"""The applications of an organisation, as its admins register and end them (X7)."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Final, NamedTuple

from allauth.idp.oidc.models import Client
from django.db import transaction
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.applications.redirects import LOOPBACK, clean_redirects
from accounts.audit import EventName
from accounts.authorisation import require_fresh_proof
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.machines.naming import new_email
from accounts.machines.owning import applications_of, lock_account, lock_owner, owned_by, record
from accounts.machines.scopes import clean_scopes
from accounts.models import ServiceAccount
from accounts.models.machines import ACCOUNT_NAME_MAX_LENGTH, new_unique_id
from accounts.organisations import Organisation, clean_name, refuse_duplicate

# Of one organisation at a time.
MOST: Final = 50
# What a secret begins with: those who look for secrets in places where none should be find it by this.
_PREFIX: Final = "rcsec_"
_GRANTS: Final = (Client.GrantType.AUTHORIZATION_CODE, Client.GrantType.REFRESH_TOKEN)


class Where(TextChoices):
    """Where an application runs, and so whether it can keep a secret (RFC 8252), as allauth's clients say it."""

    COMPUTER = Client.Type.PUBLIC.value, gettext_lazy("On the computers of the people who use it")
    SERVER = Client.Type.CONFIDENTIAL.value, gettext_lazy("On a web server")


class NewApplication(NamedTuple):
    """An application that was just registered. secret: kept nowhere."""

    account: ServiceAccount
    secret: str


@transaction.atomic
def register_application(
    *,
    actor: Actor,
    organisation: Organisation,
    name: str,
    where: str,
    redirects: Collection[str],
    scopes: Collection[str],
) -> NewApplication:
    """Register an application, which may ask people of this organisation for these scopes, and nobody else.

    where: one of Where. redirects: where they are led back to; of one on a computer it is that computer, whatever is
    given.
    Raises Refused; ProofNeeded where the actor's last proof is too old (P13).
    """
    organisation = lock_owner(actor, organisation)
    name = clean_name(name, max_length=ACCOUNT_NAME_MAX_LENGTH)
    scopes = clean_scopes(scopes)
    if where not in Where.values:
        raise Refused(_("Choose where it runs."), "where")
    led_to = list(LOOPBACK) if where == Where.COMPUTER else clean_redirects(redirects)
    if applications_of(organisation).filter(deleted_at=None).count() >= MOST:
        text = _("There are %(number)s applications already. End one that is not needed.")
        raise Refused(text % {"number": MOST})
    require_fresh_proof(actor)
    secret, unique_id = new_secret(), new_unique_id()
    client = Client(id=unique_id, name=name, type=where)
    client.set_secret(secret)
    client.set_redirect_uris(led_to)
    client.set_grant_types([grant.value for grant in _GRANTS])
    with refuse_duplicate(
        _("Another service account or application has or had this name. Choose another one."), "name"
    ):
        client.save(force_insert=True)
        account = ServiceAccount.objects.create(
            **owned_by(organisation),
            name=name,
            email=new_email(organisation, name),
            unique_id=unique_id,
            scopes=scopes,
            oauth_client=client,
            made_by=actor.user,
        )
    record(EventName.CREATE_OAUTH_CLIENT, actor, account, client_id=unique_id, scopes=scopes, redirects=led_to)
    return NewApplication(account, secret)


def new_secret() -> str:
    """Return a random secret of an application."""
    return _PREFIX + secrets.token_urlsafe(32)


@taking_away()
def end_application(*, actor: Actor, account: ServiceAccount) -> bool:
    """End an application for good, from its next call on. Its row stays for the events that name it."""
    account = lock_account(actor, account)
    account.deleted_at = database_now()
    account.save(update_fields=["deleted_at"])
    record(EventName.DELETE_OAUTH_CLIENT, actor, account)
    return True
