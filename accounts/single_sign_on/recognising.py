"""Who came back from the provider (P15): a person of this organisation, linked with their identity the first time.

Nobody is created: people come from the directory. A provider signs in people of its own organisation alone, so the
same issuer and subject at two organisations are two identities.
"""

from __future__ import annotations

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.errors import Refused
from accounts.identity_providers import domain_of, is_own_verified, provider_for
from accounts.models import IdentityProvider, User
from accounts.single_sign_on.client import Identity
from accounts.single_sign_on.rules import locked_provider

_NOBODY = _(
    "Nobody in your organisation can sign in here with this account of your provider. Ask one of your admins whether"
    " your account exists and is active."
)


def linked_with(provider: IdentityProvider, identity: Identity) -> User | None:
    """Return the person that an identity is linked with in the organisation of a provider."""
    found = SocialAccount.objects.filter(provider=provider.key, uid=identity.uid).select_related("user").first()
    person: User | None = found.user if found else None
    return person


@transaction.atomic
def recognise(*, actor: None, provider: IdentityProvider, identity: Identity, ip_address: str | None) -> User:
    """Return the person who signed in at a provider, and link them the first time.

    actor: always the system; the event of the link names the person. Raises Refused where it is nobody of this
    organisation, or one who is suspended, has an address elsewhere, or is linked with another account there.
    """
    person = linked_with(provider, identity) or _with_address(provider, identity)
    person = User.objects.select_for_update(no_key=True).filter(pk=person.pk).first() if person else None
    if person is None or not person.is_active or not _is_theirs(provider, person):
        raise Refused(_NOBODY)
    if linked_with(provider, identity) is None:
        _link(provider, identity, person, ip_address)
    return person


@transaction.atomic
def unlink(*, actor: Actor, provider: IdentityProvider, address: str) -> None:
    """End the link of a person, so that another account with their address can be theirs at the next sign-in.

    address: canonical. Raises Refused where nobody of the organisation with this address is linked.
    """
    row = locked_provider(actor, provider)
    person = User.objects.filter(addresses__email=address, **own_people(row)).first()
    ended = SocialAccount.objects.filter(provider=row.key, user=person).delete()[0] if person else 0
    if person is None or not ended:
        raise Refused(_("Nobody with this address is linked with your provider."), "address")
    record_audit(
        EventName.UNLINK_SSO_IDENTITY,
        actor=actor,
        customer=row.customer_id,
        subject=person.email,
        target=person,
        old={"issuer": row.issuer},
    )


def own_people(provider: IdentityProvider) -> dict[str, int | None]:
    """Return the columns by which people are of the organisation of a provider."""
    return {"customer_id": provider.customer_id, "reseller_id": provider.reseller_id}


def _with_address(provider: IdentityProvider, identity: Identity) -> User | None:
    """Return the person of the organisation who has the address; None where it proves nothing.

    A provider that says nothing about whether it has verified addresses is believed: it is the organisation's own, and
    only addresses at domains that the organisation has verified count. One that says no is not.
    """
    if identity.is_verified is False or not is_own_verified(provider, domain_of(identity.address)):
        return None
    return User.objects.filter(addresses__email=identity.address, **own_people(provider)).first()


def _is_theirs(provider: IdentityProvider, person: User) -> bool:
    signs_in = provider_for(person)
    return signs_in is not None and signs_in.pk == provider.pk


def _link(provider: IdentityProvider, identity: Identity, person: User, ip_address: str | None) -> None:
    if SocialAccount.objects.filter(provider=provider.key, user=person).exists():
        text = _("You are linked with another account of your provider. An admin of your organisation can end that.")
        raise Refused(text)
    said = {"issuer": identity.issuer, "sso_subject": identity.subject}
    SocialAccount.objects.create(provider=provider.key, uid=identity.uid, user=person, extra_data=said)
    record_audit(
        EventName.LINK_SSO_IDENTITY,
        actor=Actor(person, ip_address),
        customer=person.customer_id,
        subject=person.email,
        target=person,
        new=said,
    )
