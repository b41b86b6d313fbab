"""An assertion becomes a token (RFC 7523): for whom, and with which scopes (X2)."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models.functions import Now

from accounts.domain_holders import own_domains
from accounts.machines.assertions import TOKEN_ENDPOINT, Assertion, BadAssertion, own_addresses, verified
from accounts.machines.owning import owned_by
from accounts.machines.scopes import SCOPES, whole
from accounts.machines.tokens import is_shut_out, mint
from accounts.models import ServiceAccountKey, User


class NotDelegated(Exception):
    """The account asks for a person of another organisation, or for scopes that were not delegated to it."""


class BadScope(Exception):
    """What is asked for is nothing, or is no scope."""


class Granted(NamedTuple):
    """A token, which is kept nowhere, and its end."""

    token: str
    until: datetime


def grant(assertion: str) -> Granted:
    """Return a token for what an assertion asks. Raises BadAssertion, BadScope, NotDelegated.

    The same assertion again gives another token that opens the same, and that ends no later than it does.
    """
    said = verified(assertion, TOKEN_ENDPOINT | own_addresses())
    scopes = _scopes_in(said)
    person = _person_in(said)
    if not set(scopes) <= set(said.account.scopes):
        raise NotDelegated("a scope was not delegated to this service account")
    with transaction.atomic():
        token, until = mint(account=said.account, key=said.key, person=person, scopes=scopes, until=said.until)
        ServiceAccountKey.objects.filter(pk=said.key.pk).update(last_used_at=Now())
    return Granted(token, until)


def _scopes_in(said: Assertion) -> list[str]:
    asked = said.claims.get("scope", "").split()
    if not asked:
        raise BadScope("Empty or missing scope not allowed.")
    unknown = [scope for scope in asked if whole(scope) not in SCOPES]
    if unknown:
        raise BadScope(f"{unknown[0][:200]} is not a valid scope.")
    return [whole(scope) for scope in asked]


def _person_in(said: Assertion) -> User | None:
    """Return for whom a machine asks: one of its own organisation, who works; None: for itself.

    Whether an address at a stranger's domain belongs to a person is looked up nowhere, and so is told to nobody.
    """
    if not said.subject:
        return None
    organisation = said.account.organisation
    people = User.objects.select_related("customer", "reseller").filter(**owned_by(organisation))
    person = people.filter(email=said.subject.lower()).first()
    if person is None and said.subject.rpartition("@")[2].lower() not in own_domains(organisation).names:
        raise NotDelegated("the person is not of the organisation of this service account")
    if person is None or not person.is_active or is_shut_out(person):
        raise BadAssertion("Invalid email or User ID.")
    return person
