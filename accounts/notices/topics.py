"""What notices are about, and how soon those hear of it who have chosen nothing (R25)."""

from __future__ import annotations

from typing import Final

from accounts.models.notices import HowSoon, Topic

# Mail about access at once, and one mail a day about the rest.
DEFAULTS: Final[dict[Topic, HowSoon]] = {
    topic: HowSoon.AT_ONCE if topic is Topic.ACCESS else HowSoon.DAILY for topic in Topic
}

# Of what the people of each kind of organisation can hear at all.
OF_CUSTOMERS: Final = (Topic.ACCESS, Topic.ADMINS, Topic.SUBSCRIPTIONS, Topic.SUPPORT, Topic.ACCOUNT)
OF_RESELLERS: Final = (Topic.ACCESS, Topic.WORK, Topic.SUBSCRIPTIONS, Topic.SUPPORT, Topic.CASES, Topic.ACCOUNT)
OF_THE_VENDOR: Final = (Topic.ACCESS, Topic.ACCOUNT)
