from __future__ import annotations

from typing import Any

from accounts.management import operator
from accounts.own_domains.deciding import verify_domain


class Command(operator.OperatorCommand):
    """Verifies a domain without a TXT record."""

    help = (
        "Verify a domain of an organisation, and add it where it is not in its list. Another organisation that has it"
        " without having verified it loses it, and keeps the addresses that it has there."
    )
    takes = (operator.add_domain, operator.add_organisation, operator.add_reason)

    def run(self, **options: Any) -> str:
        organisation = operator.organisation(options)
        row = verify_domain(actor=None, organisation=organisation, name=options["name"], reason=options["reason"])
        return f"{row.name} is verified."
