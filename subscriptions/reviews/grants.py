"""Lines about a customer's reseller access: consoles, and subscriptions opened in them (R1, R3, R22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.clock import database_now
from subscriptions.access.comparison import Desired
from subscriptions.access.desired import save_reseller_access
from subscriptions.access.effective import at_the_latest
from subscriptions.access.extent import Extent, desired_of, is_over
from subscriptions.models import AccessGrant, Review
from subscriptions.models.review import Decision, LineKind
from subscriptions.reviews.activity import BY_RESELLER
from subscriptions.reviews.kinds import ENDED, Chosen, Kind

_CHANGED = _("Another person changed this access while you had the page open. Look at what is open now, then decide.")
_NOT_NARROWER = _("Choose a narrower level or a nearer end than what is open now.")


def _wanted(grant: str) -> str:
    return f"{grant}.allowed AND ({grant}.ends_at IS NULL OR {grant}.ends_at > statement_timestamp())"


# What was opened in a console ends with it (R4).
_CONSOLE_IS_WANTED = f"""EXISTS (
    SELECT 1 FROM subscriptions_accessgrant c WHERE c.customer_id = g.customer_id AND c.reseller_id = g.reseller_id
    AND c.subscription_id IS NULL AND {_wanted("c")})"""  # noqa: S608  constants
_GRANT = f"FROM subscriptions_accessgrant g WHERE g.id = l.about_id AND {_wanted('g')}"


def carry_out(actor: Actor, review: Review, chosen: Sequence[Chosen]) -> dict[int, Promise | str]:
    """Narrow and remove by the one verb that saves *Reseller access*; a line that cannot be says why."""
    assert review.customer is not None
    grants = AccessGrant.objects.in_bulk([one.line.about_id for one in chosen])
    refused: dict[int, Promise | str] = {}
    desired = []
    for one in chosen:
        grant = grants[one.line.about_id]
        if one.choice.decision == Decision.REMOVE:
            desired.append(Desired(grant.reseller_id, grant.subscription_id, False, grant.generation))
        elif one.choice.decision == Decision.NARROW and (extent := _narrower(grant, one)) is not None:
            desired.append(Desired(grant.reseller_id, None, True, grant.generation, extent))
        elif not grant.allowed:
            refused[one.line.pk] = ENDED
        elif one.choice.seen != grant.generation:
            # What was kept is not what the page showed; nor can it be narrowed so.
            refused[one.line.pk] = _CHANGED
        elif one.choice.decision == Decision.NARROW:
            refused[one.line.pk] = _NOT_NARROWER
    if desired:
        saved = save_reseller_access(actor=actor, customer=review.customer, desired=desired)
        assert not saved.conflicts  # under the customer's lock, against what is stored
        _note_what_is_left(chosen, refused)
    return refused


def _narrower(grant: AccessGrant, one: Chosen) -> Extent | None:
    """Return what *narrow* leaves of a console; None where that is not less than what is open now."""
    now = database_now()
    if grant.subscription_id is not None or is_over(grant, now):
        return None
    current = desired_of(grant)
    extent = replace(current, level=one.choice.level)
    if one.choice.lasts is not None:
        extent = replace(extent, ends_at=None, lasts=one.choice.lasts)
    # However late the change is due, from when a duration counts, it must not be longer than what is open now.
    longest = extent.fixed(at_the_latest(now))
    return extent if longest != current and current.holds(longest) else None


def _note_what_is_left(chosen: Sequence[Chosen], refused: dict[int, Promise | str]) -> None:
    narrowed = [one for one in chosen if one.choice.decision == Decision.NARROW and one.line.pk not in refused]
    grants = AccessGrant.objects.in_bulk([one.line.about_id for one in narrowed])
    for one in narrowed:
        grant = grants[one.line.about_id]
        one.line.new_level, one.line.new_ends_at = grant.level, grant.ends_at


KINDS = (
    Kind(
        LineKind.CONSOLE,
        lines=f"""
            SELECT g.id, g.customer_id, g.reseller_id, s.name, '', '', '', s.sort_name || chr(9) || s.primary_domain,
                ''
            FROM subscriptions_accessgrant g JOIN accounts_reseller s ON s.id = g.reseller_id
            WHERE g.customer_id = v.customer_id AND g.subscription_id IS NULL AND {_wanted("g")}""",  # noqa: S608
        now=f"SELECT g.level, g.ends_at, g.generation {_GRANT}",
        used=BY_RESELLER,
        carry_out=carry_out,
    ),
    Kind(
        LineKind.SUBSCRIPTION,
        lines=f"""
            SELECT g.id, g.customer_id, g.reseller_id, s.name, '', k.name, '',
                s.sort_name || chr(9) || s.primary_domain, lower(k.name)
            FROM subscriptions_accessgrant g JOIN accounts_reseller s ON s.id = g.reseller_id
            JOIN subscriptions_subscription b ON b.id = g.subscription_id JOIN subscriptions_sku k ON k.id = b.sku_id
            WHERE g.customer_id = v.customer_id AND g.allowed AND {_CONSOLE_IS_WANTED}""",  # noqa: S608
        now=f"SELECT '', NULL::timestamptz, g.generation {_GRANT} AND {_CONSOLE_IS_WANTED}",
        used=BY_RESELLER,
        carry_out=carry_out,
    ),
)
