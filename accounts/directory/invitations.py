"""New people are told: a mail with a link to choose a password, sent as often as it takes (P11).

The link is that for a new password, made when the mail is sent (accounts/mail/mails.py): it works once, for 72 hours,
and looking at it uses nothing up.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.directory.rules import lock_for_change, organisation_of, refuse_deleted
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
    send_again(actor, lock_for_change(actor, person, Permission.MANAGE_USERS))


def send_again(actor: Actor | None, person: User) -> None:
    """Invite a person who is locked; whether the actor may is decided. Part of verbs. Raises as `invite_user`."""
    refuse_deleted(person)
    if not awaits_password(person):
        raise Refused(
            _("%(person)s needs no invitation: suspended, or with a password already.")
            % {"person": isolated(person.name)}
        )
    if _lately().filter(recipient=person).count() >= TO_ONE_PERSON:
        raise Refused(
            _("This person was invited %(number)s times today. Try again tomorrow.") % {"number": TO_ONE_PERSON}
        )
    if send_invitations(actor, organisation_of(person), [person]):
        raise Refused(limit_reached(organisation_of(person)))


def send_invitations(actor: Actor | None, organisation: Organisation, people: Collection[User]) -> list[User]:
    """Invite people of one organisation, which is locked; return those beyond the limit of a day, who are not.

    Part of the verbs that create people, and of the one above.
    """
    left: list[User] = []
    if isinstance(organisation, Customer | Reseller):
        elsewhere = [person for person in people if not person.email.endswith(f"@{organisation.primary_domain}")]
        left = elsewhere[_room_elsewhere(organisation) :] if elsewhere else []
    invited = [person for person in people if person not in left]
    post.queue(INVITATION, invited, about_id=actor.user.pk if actor else None)
    record_many(
        event(EventName.INVITE_USER, actor=actor, customer=person.customer_id, subject=person.email)
        for person in invited
    )
    return left


def awaits_password(person: User) -> bool:
    """Tell whether a person could sign in and only lacks a password."""
    return person.is_active and person.deleted_at is None and not person.has_usable_password()


def last_invitation(person: User) -> Mail | None:
    """Return the latest mail with which a person was invited."""
    return Mail.objects.filter(kind=INVITATION, recipient=person).order_by("-pk").first()


def limit_reached(organisation: Organisation) -> str:
    """Say in words that no more invitations go to other domains today."""
    domain = organisation.primary_domain if isinstance(organisation, Customer | Reseller) else ""
    return _(
        "At most %(number)s invitations a day go to addresses that are not at %(domain)s. Try again tomorrow, or give"
        " a temporary password."
    ) % {"number": settings.INVITATIONS_ELSEWHERE_PER_DAY, "domain": domain}


def _lately() -> QuerySet[Mail]:
    return Mail.objects.filter(kind=INVITATION, queued_at__gt=Now() - A_DAY)


def _room_elsewhere(organisation: Customer | Reseller) -> int:
    """Return how many more invitations may go today to addresses outside an organisation's primary domain."""
    own = {"recipient__customer" if isinstance(organisation, Customer) else "recipient__reseller": organisation}
    sent = _lately().filter(**own).exclude(recipient__email__endswith=f"@{organisation.primary_domain}")
    return max(settings.INVITATIONS_ELSEWHERE_PER_DAY - sent.count(), 0)
