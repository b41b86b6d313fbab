"""The mail to all who were super admins of late: one of them decided alone (R21)."""

from __future__ import annotations

from typing import Final

from accounts.links import address_of
from accounts.mail.writing import Context, Writer
from accounts.models import Mail, Proposal, User
from accounts.models.two_people import ProposalKind, ProposalStatus
from accounts.roles import Role

EMERGENCY: Final = "emergency_change"


def _decided_alone(mail: Mail, recipient: User) -> Context | None:
    """Tell those who were super admins when it happened, whatever they are now."""
    proposal = Proposal.objects.select_related("customer").filter(pk=mail.about_id or 0).first()
    if proposal is None or proposal.status != ProposalStatus.EMERGENCY or recipient.purged_at is not None:
        return None
    if recipient.customer_id != proposal.customer_id:
        return None
    is_one = recipient.is_active and Role.SUPER_ADMIN in recipient.roles
    domain = proposal.customer.primary_domain
    return {
        "proposal": proposal,
        "what": ProposalKind(proposal.kind).label,
        "url": address_of("proposal", domain=domain, proposal_id=proposal.pk) if is_one else "",
    }


WRITERS: dict[str, Writer] = {EMERGENCY: Writer("mail/emergency_change", _decided_alone, also_to_inactive=True)}
