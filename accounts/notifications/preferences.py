"""How soon a person wants to hear of each topic (R25)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts.models import NoticePreference, User
from accounts.models.notices import HowSoon, Topic
from accounts.notices.topics import DEFAULTS, OF_CUSTOMERS, OF_RESELLERS, OF_THE_VENDOR
from accounts.roles import Role


def topics_of(person: User) -> tuple[Topic, ...]:
    """Return what this person can hear of, by their kind of organisation."""
    if person.customer_id is not None:
        return OF_CUSTOMERS
    return OF_RESELLERS if person.reseller_id is not None else OF_THE_VENDOR


def choices_of(person: User, topic: Topic) -> list[HowSoon]:
    """Return what they can choose: super admins always hear of what touches access to their console."""
    is_fixed = topic is Topic.ACCESS and person.customer_id is not None and Role.SUPER_ADMIN in person.roles
    return [choice for choice in HowSoon if not (is_fixed and choice is HowSoon.NEVER)]


def how_soon(person: User) -> dict[Topic, HowSoon]:
    """Return what is in force for each of their topics."""
    stored = dict(NoticePreference.objects.filter(person=person).values_list("topic", "how_soon"))
    found = {topic: HowSoon(stored.get(topic, DEFAULTS[topic])) for topic in topics_of(person)}
    return {topic: soon if soon in choices_of(person, topic) else DEFAULTS[topic] for topic, soon in found.items()}


@transaction.atomic
def save_how_soon(*, person: User, chosen: Mapping[Topic, HowSoon]) -> None:
    """Keep what a person chose; what is not theirs to choose stays as it is. Nobody else is concerned: no event."""
    rows = [
        NoticePreference(person=person, topic=topic, how_soon=soon)
        for topic, soon in chosen.items()
        if topic in topics_of(person) and soon in choices_of(person, topic)
    ]
    NoticePreference.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["person", "topic"], update_fields=["how_soon"]
    )
