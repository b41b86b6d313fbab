"""An operator verifies a domain with a reason, and decides who has a name that two claim (P9)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.authorisation import authorise_operator, require_fresh_proof
from accounts.directory.change import clean_line
from accounts.domain_holders import addresses_at, columns_of, held_by_others, owner_of, rows_of
from accounts.domain_taking import record_about, take_name, verify_row
from accounts.errors import Duplicate, Refused
from accounts.models import Domain
from accounts.models.domains import REASON_MAX_LENGTH, DomainKind, VerifiedHow
from accounts.organisations import Organisation, clean_domain
from accounts.own_domains.rules import lock_for_domains, lock_row

VERIFIED_AS: Final[Mapping[str, EventName]] = MappingProxyType(
    {
        DomainKind.PRIMARY: EventName.VERIFY_PRIMARY_DOMAIN,
        DomainKind.SECONDARY: EventName.VERIFY_SECONDARY_DOMAIN,
        DomainKind.ALIAS: EventName.VERIFY_DOMAIN_ALIAS,
    }
)


@transaction.atomic
def verify_domain(*, actor: Actor | None, organisation: Organisation, name: str, reason: str) -> Domain:
    """Verify a domain of an organisation without a TXT record, and add it where it is not in its list.

    So an operator also decides about a name that two claim: the one that had it keeps the addresses and gives no more.
    Raises Refused without a reason, and at, above or below a verified domain of another organisation.
    """
    authorise_operator(actor)
    name, reason = clean_domain(name, "name"), _reason(reason)
    organisation = lock_for_domains(actor, organisation, name)
    if held_by_others([name], organisation):
        raise Duplicate(_("Another organisation has verified this domain, or one above or below it."), "name")
    row = rows_of(organisation).filter(name=name).first()
    if row is None:
        row = Domain.objects.create(name=name, kind=DomainKind.SECONDARY, holds=False, **columns_of(organisation))
    row = lock_row(organisation, name)
    if row.is_verified and row.holds:
        return row
    require_fresh_proof(actor)
    new = {"domain": name, "verified_how": VerifiedHow.OPERATOR, "reason": reason}
    record_about(row, VERIFIED_AS[row.kind], actor=actor, new=new)
    by = actor.user if actor else None
    row = verify_row(row, how=VerifiedHow.OPERATOR, by=by, reason=reason, decided=True)
    _refuse_the_others(name)
    return row


@transaction.atomic
def settle_domain(*, actor: Actor | None, organisation: Organisation, name: str, reason: str) -> None:
    """Decide that an organisation does not have a name that waits for a decision: it keeps its addresses there.

    An organisation that has verified it gets it then; where none has, the one that had it goes on. Raises Refused
    without a reason, and where nothing is to be decided.
    """
    authorise_operator(actor)
    name, reason = clean_domain(name, "name"), _reason(reason)
    organisation = lock_for_domains(actor, organisation, name)
    row = lock_row(organisation, name)
    if row.contested_at is None:
        raise Refused(_("Nothing is to be decided about this domain."), "name", reason="conditionNotMet")
    record_about(row, EventName.SETTLE_DOMAIN, actor=actor, new={"domain": name, "reason": reason})
    if row.kind != DomainKind.PRIMARY and not addresses_at(organisation, name).exists():
        row.delete()
    elif row.kind == DomainKind.PRIMARY and row.is_verified:
        raise Refused(
            _("A primary domain stays. The organisation makes another one primary first."),
            "name",
            reason="conditionNotMet",
        )
    else:
        Domain.objects.filter(pk=row.pk).update(holds=False, contested_at=None, verified_at=None, verified_how="")
    let_the_next_have(name)


def let_the_next_have(name: str) -> None:
    """Give a name to the organisation that has verified it and waited; where none does, nothing waits any more.

    Part of verbs: the name is locked.
    """
    waiting = _waiting(name).first()
    if waiting is not None and not Domain.objects.filter(name=name, holds=True).exists():
        take_name(waiting)
    elif waiting is None:
        for row in Domain.objects.filter(name=name, holds=True).select_related("customer", "reseller"):
            # Another organisation may have verified a domain above it, or below.
            if not held_by_others([name], owner_of(row)):
                Domain.objects.filter(pk=row.pk).update(contested_at=None)


def _refuse_the_others(name: str) -> None:
    """An operator gave the name to one: others that had verified it have not any more."""
    _waiting(name).update(verified_at=None, verified_how="", verified_by=None, reason="", contested_at=None)


def _waiting(name: str) -> QuerySet[Domain]:
    rows = Domain.objects.filter(name=name, holds=False, verified_at__isnull=False)
    return rows.select_related("customer", "reseller").order_by("verified_at", "pk")


def _reason(text: str) -> str:
    reason = clean_line(text, "reason", REASON_MAX_LENGTH)
    if not reason:
        raise Refused(_("Give a reason."), "reason")
    return reason
