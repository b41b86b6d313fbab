"""What steps of a save would change, in sentences: for the page before saving, and for the one who approves (R21)."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.names import isolated
from subscriptions.access.comparison import Shown
from subscriptions.access.extent import desired_of
from subscriptions.access.outbox import Step
from subscriptions.access.words import consequence, end_words, extent_words, level_words
from subscriptions.models import AccessGrant


def planned(steps: Iterable[Step]) -> list[str]:
    """Say what steps would change, each against what is stored."""
    return [
        sentence
        for step in steps
        for sentence in sentences(
            step.grant,
            Shown(step.grant.allowed, desired_of(step.grant)),
            Shown(step.allowed, step.extent or desired_of(step.grant)),
        )
    ]


def planned_in_full(steps: Iterable[Step]) -> list[str]:
    """Say the same for a person who did not choose it: also what a box means that is only ticked."""
    said = []
    for step in steps:
        said += planned([step])
        if step.grant.subscription is None and step.allowed:
            wanted = step.extent or desired_of(step.grant)
            reseller = isolated(step.grant.reseller.name)
            whole = [level_words(reseller, wanted.level)] + ([] if wanted.ends_at else [end_words(reseller)])
            said += [str(words) for words in whole if str(words) not in said]
    return said


def sentences(grant: AccessGrant, before: Shown, wanted: Shown) -> list[str]:
    """Say what it means for a reseller that its box says something else."""
    reseller = isolated(grant.reseller.name)
    name = grant.subscription.sku.name if grant.subscription else None
    said = [consequence(reseller, name, allowed=wanted.allowed, basis=grant.basis)]
    if before.allowed and wanted.allowed:
        said = extent_words(reseller, wanted.extent, before.extent)
    elif wanted.allowed:
        said += extent_words(reseller, wanted.extent)
    return [str(sentence) for sentence in said]
