from __future__ import annotations

from typing import Any

from accounts.management import operator
from accounts.own_domains.collisions import COUNTED, Claim, find_collisions


class Command(operator.OperatorCommand):
    """Lists the domains that more than one organisation has a claim on."""

    help = (
        "List the domains about which an operator has to decide, and verified ones below a verified one of another"
        " organisation, which are from before. Addresses that a release without domains gave become claims first."
    )

    def run(self, **_options: Any) -> str:
        claims = find_collisions(actor=None)
        if not claims:
            return "Nothing collides."
        return "\n".join(["domain\torganisation\ttype\tstatus\taddresses", *map(_line, claims)])


def _line(claim: Claim) -> str:
    row = claim.row
    status = [
        "has the name" if row.holds else "does not have the name",
        "verified" if row.is_verified else "unverified",
    ]
    if row.contested_at is not None:
        status.append(f"waits since {row.contested_at:%Y-%m-%d}")
    number = f"{claim.addresses} or more" if claim.addresses >= COUNTED else str(claim.addresses)
    return "\t".join([row.name, claim.organisation, row.kind, ", ".join(status), number])
