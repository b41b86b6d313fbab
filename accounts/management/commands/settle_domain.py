from __future__ import annotations

from typing import Any

from accounts.management import operator
from accounts.own_domains.deciding import settle_domain


class Command(operator.OperatorCommand):
    """Decides that an organisation does not have a domain that two claim."""

    help = (
        "Decide that an organisation does not have a domain that domain_collisions lists. It keeps the addresses that"
        " it has there; an organisation that has verified the domain gets it. To decide the other way: verify_domain."
    )
    takes = (operator.add_domain, operator.add_organisation, operator.add_reason)

    def run(self, **options: Any) -> str:
        organisation = operator.organisation(options)
        settle_domain(actor=None, organisation=organisation, name=options["name"], reason=options["reason"])
        return f"Decided about {options['name']}."
