"""Of what people are reminded: no event says so (R16, R22, R25)."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.models.notices import Topic
from accounts.notices.shapes import ACCESS, CUSTOMER, REVIEWS, STAFFING_REVIEWS, reminder
from accounts.notices.told import Audience

# R16: access ends soon, by the customer's own wish; no event says so.
REMINDERS: Final = (
    reminder(Audience.REMINDED_SUPER_ADMINS, _("Access for %(subject)s ends on %(moment)s"), ACCESS),
    reminder(Audience.REMINDED_RESELLER, _("Access to the console of %(customer)s ends on %(moment)s"), CUSTOMER),
)
# R22: what a review has to decide is due.
REVIEW_REMINDERS: Final = (
    reminder(
        Audience.REVIEWING_SUPER_ADMINS,
        _("The review of access is to be finished by %(moment)s"),
        REVIEWS,
        Topic.ACCESS,
    ),
    reminder(
        Audience.REVIEWING_RESELLER_ADMINS,
        _("The review of who works for whom is to be finished by %(moment)s"),
        STAFFING_REVIEWS,
        Topic.WORK,
    ),
)
