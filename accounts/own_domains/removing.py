"""A domain without addresses is removed (P9)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.domain_holders import addresses_at, owner_of
from accounts.domain_taking import record_about
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.models import Domain
from accounts.models.domains import DomainKind
from accounts.own_domains.deciding import let_the_next_have
from accounts.own_domains.rules import lock_for_domains, lock_row


@taking_away()
def remove_domain(*, actor: Actor | None, domain: Domain) -> None:
    """Remove a domain of an organisation; another one can then have it.

    Raises Refused for the primary one, and while there are addresses, with how many.
    """
    organisation = lock_for_domains(actor, owner_of(domain), domain.name)
    row = lock_row(organisation, domain.name)
    if row.kind == DomainKind.PRIMARY:
        raise Refused(_("This is the primary domain. Make another one primary first."), reason="conditionNotMet")
    if number := addresses_at(organisation, row.name).count():
        text = ngettext(
            "%(number)s address is at this domain, of a user, an alias, a group or a deleted user. Move or remove it"
            " first.",
            "%(number)s addresses are at this domain, of users, aliases, groups or deleted users. Move or remove them"
            " first.",
            number,
        )
        raise Refused(text % {"number": number}, reason="conditionNotMet")
    event = EventName.REMOVE_DOMAIN_ALIAS if row.kind == DomainKind.ALIAS else EventName.REMOVE_SECONDARY_DOMAIN
    record_about(row, event, actor=actor, old={"domain": row.name})
    row.delete()
    let_the_next_have(domain.name)
