"""The verbs of an organisation's own sign-in (P15): its provider is set up, tested, switched on and off, and removed.

Switching on changes how people sign in and asks for a fresh proof (P13). What is switched on cannot be changed: it is
switched off first, so that nobody is ever sent to a provider that no admin has tested.
"""

from __future__ import annotations

import uuid
from typing import Final

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.authorisation import require_fresh_proof
from accounts.encrypting import lock_for
from accounts.errors import Refused
from accounts.factors import Factor
from accounts.identity_providers import domain_of, is_own_verified
from accounts.models import Address, Customer, IdentityProvider, Reseller
from accounts.models.identity_providers import ISSUER_MAX_LENGTH
from accounts.single_sign_on.client import SECRETS, Identity, Over
from accounts.single_sign_on.rules import columns_of, lock_for_sign_in, locked_provider, record_about, row_of

# Rows of one transaction while secrets are encrypted again.
BATCH: Final = 200


@transaction.atomic
def set_up(
    *, actor: Actor, organisation: Customer | Reseller, issuer: str, client_id: str, secret: str = ""
) -> IdentityProvider:
    """Save which provider signs an organisation's people in; it signs nobody in before it is tested and switched on.

    issuer: as its configuration spells it. secret: empty leaves the stored one, unless issuer or client are others.
    Nothing happens where nothing would change; at another issuer people are linked again. Raises Refused while single
    sign-on is on, and where no secret is known.
    """
    organisation = lock_for_sign_in(actor, organisation)
    row = row_of(organisation)
    if len(issuer) > ISSUER_MAX_LENGTH:
        raise Refused(_("This URL is too long."), "issuer")
    if row is not None and not secret and (row.issuer, row.client_id) == (issuer, client_id):
        return row
    if row is not None and row.is_on:
        raise Refused(_("Switch single sign-on off before you change it."), reason="conditionNotMet")
    if not secret:
        # Never the old one: who names another issuer would be sent it.
        raise Refused(_("Enter the client secret for this issuer and this client ID."), "secret")
    secret = lock_for(SECRETS).encrypt(secret.encode()).decode()
    values = {"issuer": issuer, "client_id": client_id, "secret": secret, "version": uuid.uuid4()}
    if row is None:
        saved = IdentityProvider.objects.create(**columns_of(organisation), **values)
    else:
        if row.issuer != issuer:
            SocialAccount.objects.filter(provider=row.key).delete()
        IdentityProvider.objects.filter(pk=row.pk).update(**values, saved_at=Now(), tested_at=None, tested_by=None)
        saved = IdentityProvider.objects.select_related("customer", "reseller").get(pk=row.pk)
    old = None if row is None else _said(row)
    record_about(saved, EventName.CHANGE_SSO_SETTINGS, actor=actor, old=old, new=_said(saved))
    return saved


@transaction.atomic
def record_test(*, actor: Actor, provider: IdentityProvider, identity: Identity) -> IdentityProvider:
    """Write that an admin signed in with the provider, as they would once it is switched on.

    provider: as it was when the test began. Raises Refused where another person came back, or at an address of theirs
    that is not at a verified domain of the organisation, and where the provider was changed meanwhile.
    """
    row = locked_provider(actor, provider)
    if row.version != provider.version:
        raise Over
    theirs = Address.objects.filter(user=actor.user, email=identity.address).exists()
    if not theirs:
        text = _("The provider signed in %(address)s, and you are %(you)s. Sign in there as yourself.")
        raise Refused(str(text) % {"address": identity.address or _("nobody with an address"), "you": actor.user.email})
    if identity.is_verified is False:
        raise Refused(_("The provider says that it has not verified this address."))
    if not is_own_verified(row, domain_of(identity.address)):
        raise Refused(_("This address is not at a verified domain of your organisation."))
    IdentityProvider.objects.filter(pk=row.pk).update(tested_at=Now(), tested_by=actor.user)
    said = {"issuer": row.issuer} | ({"second_factor": Factor.PROVIDER} if identity.showed_factor else {})
    record_about(row, EventName.TEST_SSO, actor=actor, new=said)
    row.refresh_from_db()
    return row


@transaction.atomic
def switch_on(*, actor: Actor, provider: IdentityProvider, seen: str) -> bool:
    """Let the provider sign the organisation's people in from now on; False where it does already.

    seen: the version of its values that the actor has looked at.

    Raises Refused where nobody has tested it as it is now, ProofNeeded where the actor's last proof is too old.
    """
    row = locked_provider(actor, provider)
    if row.is_on:
        return False
    if str(row.version) != seen:
        raise Refused(_("Another admin has changed this meanwhile. Look at it again."), reason="conditionNotMet")
    if row.tested_at is None:
        raise Refused(_("Test the sign-in first."), reason="conditionNotMet")
    require_fresh_proof(actor)
    IdentityProvider.objects.filter(pk=row.pk).update(switched_on_at=Now())
    record_about(row, EventName.TOGGLE_SSO_ENABLED, actor=actor, old={"enabled": False}, new={"enabled": True})
    return True


@transaction.atomic
def switch_off(*, actor: Actor, provider: IdentityProvider) -> bool:
    """Let people sign in by password again; False where they do already. Sessions go on."""
    row = locked_provider(actor, provider)
    if not row.is_on:
        return False
    _switch_off(actor, row)
    return True


@transaction.atomic
def remove(*, actor: Actor, provider: IdentityProvider) -> None:
    """Forget the provider, its secret, and who is linked with it; people sign in by password from now on."""
    row = locked_provider(actor, provider)
    if row.is_on:
        _switch_off(actor, row)
    record_about(row, EventName.REMOVE_SSO_SETTINGS, actor=actor, old=_said(row))
    SocialAccount.objects.filter(provider=row.key).delete()
    row.delete()


def switched_on() -> QuerySet[IdentityProvider]:
    """Return the providers that sign people in."""
    return IdentityProvider.objects.exclude(switched_on_at=None)


def switch_all_off() -> int:
    """Switch every provider off; returns how many. Part of the verb that restores a backup.

    One may have been removed or changed since the backup was taken, because it could not be trusted any more. Whose
    they are is told, and switches on what is still right.
    """
    rows = list(switched_on().select_for_update(of=("self",)).select_related("customer", "reseller").order_by("pk"))
    for row in rows:
        _switch_off(None, row)
    return len(rows)


def renew_provider_secrets(*, actor: None) -> int:
    """Encrypt every client secret again under the newest key, in the system's name; returns how many.

    No event: nothing about anybody's sign-in changes. Raises InvalidToken for one whose key is not known any more.
    """
    keys = list(IdentityProvider.objects.order_by("pk").values_list("pk", flat=True))
    return sum(_renew(keys[start : start + BATCH]) for start in range(0, len(keys), BATCH))


@transaction.atomic
def _renew(keys: list[int]) -> int:
    rows = list(IdentityProvider.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    for row in rows:
        row.secret = lock_for(SECRETS).rotate(row.secret.encode()).decode()
    IdentityProvider.objects.bulk_update(rows, ["secret"])
    return len(rows)


def _switch_off(actor: Actor | None, row: IdentityProvider) -> None:
    IdentityProvider.objects.filter(pk=row.pk).update(switched_on_at=None)
    record_about(row, EventName.TOGGLE_SSO_ENABLED, actor=actor, old={"enabled": True}, new={"enabled": False})


def _said(row: IdentityProvider) -> dict[str, str]:
    return {"issuer": row.issuer, "client_id": row.client_id}
