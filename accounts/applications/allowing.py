"""A person allows an application of their organisation to act for them (X7)."""

from __future__ import annotations

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.authorisation import person_now, require_fresh_proof
from accounts.clock import database_now
from accounts.consents import holds_for
from accounts.directory.rules import lock_organisation
from accounts.machines.owning import owned_by, record
from accounts.machines.scopes import known
from accounts.machines.tokens import is_shut_out
from accounts.models import Consent, ServiceAccount, User
from accounts.models.organisations import VENDOR
from accounts.organisations import Organisation


@transaction.atomic
def allow_application(*, actor: Actor, account: ServiceAccount, scopes: Collection[str]) -> Consent:
    """Let an application act for the actor with these scopes, beside those that they allowed it before.

    Raises PermissionDenied for an application of another organisation, or one that was ended, and for a machine;
    ProofNeeded where the actor's last proof is too old (P13).
    """
    organisation = organisation_of(actor.user)
    lock_organisation(organisation)
    person = person_now(actor)
    working = ServiceAccount.objects.filter(oauth_client__isnull=False, deleted_at=None, **owned_by(organisation))
    found = working.select_for_update(of=("self",)).filter(pk=account.pk).first()
    if actor.client is not None or found is None or is_shut_out(person):
        raise PermissionDenied(_("Your role does not allow this."))
    require_fresh_proof(actor)
    asked = [scope for scope in known(scopes) if scope in found.scopes]
    consent = _before(found, person) or Consent.objects.create(
        account=found, person=person, session_hash=person.get_session_auth_hash()
    )
    old = consent.scopes
    consent.scopes = known([*old, *asked])
    if consent.scopes != old:
        consent.save(update_fields=["scopes"])
        record(EventName.ALLOW_OAUTH_CLIENT, actor, found, old={"scopes": old} if old else None, scopes=consent.scopes)
    return consent


def _before(account: ServiceAccount, person: User) -> Consent | None:
    """Return what a person allowed before, unless their password has changed since: then it ends for good."""
    consent = in_force().filter(account=account, person=person).first()
    if consent is None or holds_for(person, consent):
        return consent
    consent.ended_at = database_now()
    consent.save(update_fields=["ended_at"])
    return None


def in_force() -> QuerySet[Consent]:
    """Return what nobody has ended, also where a password was changed since."""
    return Consent.objects.filter(ended_at=None, account__deleted_at=None)


def consents_of(person: User) -> QuerySet[Consent]:
    """Return what a person allows at this instant."""
    hashes = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()]
    return in_force().filter(person=person, session_hash__in=hashes).select_related("account")


def consents_to(account: ServiceAccount) -> QuerySet[Consent]:
    """Return what people allow an application."""
    return in_force().filter(account=account).select_related("person")


def organisation_of(person: User) -> Organisation:
    """Return whose applications may ask a person: those of their own organisation."""
    return person.customer or person.reseller or VENDOR
