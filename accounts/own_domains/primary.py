"""Another own domain becomes the primary one: addresses stay, and the console's old URL leads on (P9)."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.domain_holders import owner_of
from accounts.domain_taking import record_about
from accounts.errors import Refused
from accounts.models import Customer, Domain, Reseller
from accounts.models.domains import DomainKind
from accounts.organisations import refuse_duplicate
from accounts.own_domains.rules import lock_for_domains, lock_row


@transaction.atomic
def change_primary_domain(*, actor: Actor | None, domain: Domain) -> Domain:
    """Make a verified own domain the primary one; the one of before stays, as a secondary one.

    The database moves both rows with the organisation's column (0035), and the copies of it. Raises Refused for one
    that is not verified, or that waits for a decision.
    """
    organisation = lock_for_domains(actor, owner_of(domain), domain.name)
    row = lock_row(organisation, domain.name)
    if row.kind == DomainKind.PRIMARY:
        return row
    if not row.is_verified or not row.gives_addresses or not isinstance(organisation, Customer | Reseller):
        raise Refused(
            _("Only a verified domain of your organisation can be the primary one."), reason="conditionNotMet"
        )
    old, organisation.primary_domain = organisation.primary_domain, row.name
    with refuse_duplicate(_("This domain belongs to another organisation."), "name"):
        organisation.save(update_fields=["primary_domain"])
    row.refresh_from_db()
    values = {"old": {"primary_domain": old}, "new": {"primary_domain": row.name}}
    record_about(row, EventName.CHANGE_PRIMARY_DOMAIN, actor=actor, **values)
    return row
