"""What a reseller's role lets a person do, in a sentence for the admins who give it (P4). The rights: roles.py."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.roles import Role

DESCRIPTIONS: dict[Role, Promise] = {
    Role.RESELLER_ADMIN: _(
        "Everything: all customers and their subscriptions, transfers, staff, teams, cases and requests to be a "
        "support partner."
    ),
    Role.INDIRECT_RESELLER_ADMIN: _(
        "Adds customers, sees all of them and edits their contact data, and sells nothing more to them."
    ),
    Role.RESELLER_AGENT: _("Works for the customers that are assigned to this person or to a team, and sells to them."),
    Role.SUPPORT_AGENT: _(
        "Works on cases of customers that your organisation supports, and confirms such requests; sees no customers."
    ),
}
