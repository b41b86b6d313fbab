"""New people are told: a mail with a link to choose a password, sent as often as it takes (P11).

The link is that for a new password, made when the mail is sent (accounts/mail/mails.py): it works once, for 72 hours,
and looking at it uses nothing up.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Count, F, Func, QuerySet, TextField, Value
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.directory.rules import organisation_of, protection, refuse_deleted
from accounts.directory.several import Decided, Rule, decided, lock_several
from accounts.domain_holders import own_domains
from accounts.errors import Refused
from accounts.mail import post
from accounts.models import Customer, Mail, Reseller, User
from accounts.models.mail import INVITATION
from accounts.names import isolated
from accounts.organisations import Organisation
from accounts.permissions import Permission

A_DAY: Final = timedelta(days=1)
# Mails to one person in a day: enough for a person who loses some, and no way to flood a mailbox.
TO_ONE_PERSON: Final = 5


@transaction.atomic
def invite_user(*, actor: Actor | None, person: User) -> None:
    """Send a person who has no password yet a link to choose one, for the first time or again.

    Raises Refused for a person who has a password, is suspended or deleted, and beyond the limits of a day.
    """
    invite_users(actor=actor, organisation=organisation_of(person), people=[person.pk]).raise_refused()


@transaction.atomic
def invite_users(*, actor: Actor | None, organisation: Organisation, people: Collection[int]) -> Decided:
    """Send several people who have no password yet a link to choose one. people: their ids; refuses as above."""
    locked = lock_several(actor, organisation, people, Permission.MANAGE_USERS)
    return _invite(actor, organisation, decided(locked, inviting(actor, organisation, people), people))


def send_again(actor: Actor | None, person: User) -> None:
    """Invite a person who is locked; whether the actor may is decided. Part of verbs. Raises as `invite_user`."""
    rule = inviting(None, organisation_of(person), [person.pk])
    _invite(actor, organisation_of(person), decided([person], rule)).raise_refused()


def inviting(actor: Actor | None, organisation: Organisation, people: Collection[int]) -> Rule:
    """Return the rule who can be invited; the limit for addresses elsewhere counts when it is done."""
    protect = protection(actor, organisation)
    sent = _lately().filter(recipient__in=people).order_by().values_list("recipient").annotate(number=Count("pk"))
    numbers = dict(sent)

    def may(person: User) -> bool:
        protect(person)
        refuse_deleted(person)
        if not awaits_password(person):
            raise Refused(
                _("%(person)s needs no invitation: suspended, or with a password already.")
                % {"person": isolated(person.name)},
                reason="conditionNotMet",
            )
        if numbers.get(person.pk, 0) >= TO_ONE_PERSON:
            raise Refused(
                _("This person was invited %(number)s times today. Try again tomorrow.") % {"number": TO_ONE_PERSON},
                reason="conditionNotMet",
            )
        return True

    return may


def _invite(actor: Actor | None, organisation: Organisation, found: Decided) -> Decided:
    """Send the mails; who is beyond the limit of a day is refused."""
    for person in send_invitations(actor, organisation, found.people):
        found.people.remove(person)
        found.done.remove(person.pk)
        found.refused[person.pk] = Refused(limit_reached(), reason="conditionNotMet")
    return found


def send_invitations(actor: Actor | None, organisation: Organisation, people: Collection[User]) -> list[User]:
    """Invite people of one organisation, which is locked; return those beyond the limit of a day, who are not.

    Part of the verbs that create people, and of the one above.
    """
    left: list[User] = []
    if isinstance(organisation, Customer | Reseller):
        verified = own_domains(organisation).verified
        elsewhere = [person for person in people if person.email.rpartition("@")[2] not in verified]
        left = elsewhere[_room_elsewhere(organisation, verified) :] if elsewhere else []
    invited = [person for person in people if person not in left]
    post.queue(INVITATION, invited, about_id=actor.user.pk if actor else None)
    record_many(
        event(EventName.INVITE_USER, actor=actor, customer=person.customer_id, subject=person.email, target=person)
        for person in invited
    )
    return left


def awaits_password(person: User) -> bool:
    """Tell whether a person could sign in and only lacks a password."""
    return person.is_active and person.deleted_at is None and not person.has_usable_password()


def awaiting_password(people: QuerySet[User]) -> QuerySet[User]:
    """Return those of some people who could sign in and only lack a password."""
    return people.filter(is_active=True, deleted_at=None, password__startswith=UNUSABLE_PASSWORD_PREFIX)


def last_invitation(person: User) -> Mail | None:
    """Return the latest mail with which a person was invited."""
    return Mail.objects.filter(kind=INVITATION, recipient=person).order_by("-pk").first()


def limit_reached() -> str:
    """Say in words that no more invitations go to unverified domains today."""
    return _(
        "At most %(number)s invitations a day go to addresses at domains that are not verified. Try again tomorrow, or"
        " give a temporary password."
    ) % {"number": settings.INVITATIONS_ELSEWHERE_PER_DAY}


def _lately() -> QuerySet[Mail]:
    return Mail.objects.filter(kind=INVITATION, queued_at__gt=Now() - A_DAY)


def _room_elsewhere(organisation: Customer | Reseller, verified: Collection[str]) -> int:
    """Return how many more invitations may go today to addresses outside an organisation's verified domains (P11)."""
    own = {"recipient__customer" if isinstance(organisation, Customer) else "recipient__reseller": organisation}
    at = Func(F("recipient__email"), Value("@"), Value(2), function="split_part", output_field=TextField())
    sent = _lately().filter(**own).alias(domain=at).exclude(domain__in=verified)
    return max(settings.INVITATIONS_ELSEWHERE_PER_DAY - sent.count(), 0)
