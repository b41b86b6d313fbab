"""A domain is added, and a look for its TXT record asked for (P9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce, Greatest, Now
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.background.nudging import nudge_after_commit
from accounts.domain_holders import columns_of, held_by_others, owner_of, rows_of
from accounts.domain_taking import record_about
from accounts.errors import Duplicate, Refused
from accounts.models import Domain
from accounts.models.domains import DomainKind
from accounts.organisations import Organisation, clean_domain
from accounts.own_domains.rules import lock_for_domains, lock_row

LOOK_UP_DOMAINS: Final = "accounts.tasks.look_up_domains"
# An organisation that adds names by the thousand is no organisation with domains.
UNVERIFIED_AT_MOST: Final = 50
# Between two looks for the same record: a name server keeps what it has found for longer than that.
LOOK_AGAIN_AFTER: Final = timedelta(seconds=10)


@transaction.atomic
def add_domain(
    *, actor: Actor | None, organisation: Organisation, name: str, kind: DomainKind = DomainKind.SECONDARY
) -> Domain:
    """Add a domain that nobody has verified yet. Where another organisation has the name, this one only asks for it.

    name: in any spelling. kind: not the primary one, which is another verb. Raises Refused at, above or below a
    verified domain of another organisation or the vendor, for a public suffix, and beyond 50 unverified ones.
    """
    name = clean_domain(name, "name")
    organisation = lock_for_domains(actor, organisation, name)
    own = rows_of(organisation)
    if own.filter(name=name).exists():
        raise Duplicate(_("This domain is in your list already."), "name")
    if held_by_others([name], organisation):
        raise Duplicate(_("This domain belongs to another organisation."), "name")
    if own.filter(verified_at=None).count() >= UNVERIFIED_AT_MOST:
        text = _("%(number)s of your domains are not verified. Verify or remove some of them first.")
        raise Refused(str(text) % {"number": UNVERIFIED_AT_MOST}, "name", reason="conditionNotMet")
    holds = not Domain.objects.filter(name=name, holds=True).exists()
    row = Domain.objects.create(name=name, kind=kind, holds=holds, **columns_of(organisation))
    event = EventName.ADD_DOMAIN_ALIAS if kind == DomainKind.ALIAS else EventName.ADD_SECONDARY_DOMAIN
    record_about(row, event, actor=actor, new={"domain": name})
    return row


@transaction.atomic
def check_domain(*, actor: Actor | None, domain: Domain) -> Domain:
    """Ask a worker to look for the TXT record of a domain, at once or ten seconds after the last look.

    Nothing happens where it is verified, or a look is asked for already. Raises Refused where the row is gone.
    """
    organisation = lock_for_domains(actor, owner_of(domain), domain.name)
    row = lock_row(organisation, domain.name)
    if row.is_verified or row.look_asked_at is not None:
        return row
    due = Greatest(Now(), Coalesce("looked_at", Value("-infinity")) + LOOK_AGAIN_AFTER)
    Domain.objects.filter(pk=row.pk).update(look_asked_at=Now(), look_due_at=due, silent_since=None)
    record_about(row, EventName.CHECK_DOMAIN, actor=actor, new={"domain": row.name})
    nudge_after_commit(LOOK_UP_DOMAINS)
    row.refresh_from_db()
    return row
