from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Reseller
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing
from subscriptions.models.subscription import Subscription


class Basis(models.TextChoices):
    """What a console grant stands on (R1, R19): it lives as long as one of the two does."""

    RELATION = "relation", _("Subscriptions sold")
    CONTRACT = "contract", _("Support contract")
    BOTH = "both", _("Subscriptions sold and a support contract")


# The reseller has sold the customer something: the rules of the relation hold, whatever it supports.
SOLD = (Basis.RELATION, Basis.BOTH)


class AccessGrant(models.Model):
    """What a customer desires for one reseller, and what follows from it at this instant.

    One row for the console (`subscription` is null): it stands for the relation itself, or for a support contract
    (`basis`), and begins with it. One row for each subscription bought from the vendor that was ever opened to the
    reseller (R3).

    `allowed`, `level`, `standing`, `ends_at` and `generation` are the desired state, written by access/desired.py.
    Access is in force while `effective_from <= now() < effective_until`, the nearer of its end and of a revocation,
    with `effective_level` and `effective_standing`, and from `narrows_at` on with `narrow_level` and `narrow_standing`
    (access/effective.py). All of that is written by access/propagation.py; a save may only bring the two moments
    closer, and what is left narrower (R8, R16, R18, R20).
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="access_grants")
    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="access_grants")
    subscription = models.ForeignKey(Subscription, models.PROTECT, null=True, blank=True, related_name="access_grants")

    allowed = models.BooleanField()
    generation = models.PositiveIntegerField(default=0)
    # R18: of a console; a subscription has no level. No CHECK knows them: one of a later release opens nothing.
    level = models.CharField(max_length=12, choices=Level, default=Level.FULL, db_default=Level.FULL)
    # R20: what of it stands open without an activation; likewise.
    standing = models.CharField(max_length=8, choices=Standing, default=Standing.ALL, db_default=Standing.ALL)
    # R16: when the customer wants it to be over; null: never.
    ends_at = models.DateTimeField(null=True, blank=True)

    effective_from = models.DateTimeField(null=True, blank=True)
    effective_until = models.DateTimeField(null=True, blank=True)
    # The end that is in effect; null where there is none, or where a revocation ends the window.
    effective_ends_at = models.DateTimeField(null=True, blank=True)
    effective_level = models.CharField(max_length=12, choices=Level, default=Level.FULL, db_default=Level.FULL)
    effective_standing = models.CharField(max_length=8, choices=Standing, default=Standing.ALL, db_default=Standing.ALL)
    narrows_at = models.DateTimeField(null=True, blank=True)
    narrow_level = models.CharField(max_length=12, choices=Level, blank=True, db_default="")
    # Empty: what is narrowed is the level alone, as the release before writes it.
    narrow_standing = models.CharField(max_length=8, choices=Standing, blank=True, db_default="")
    observed_generation = models.PositiveIntegerField(default=0)

    basis = models.CharField(max_length=8, choices=Basis, default=Basis.RELATION, db_default=Basis.RELATION)
    began_at = models.DateTimeField(db_default=Now())
    # It stands on a registration alone, and is over then unless something is sold before; null: on more than that.
    lapses_at = models.DateTimeField(null=True, blank=True)
    # It is over: the reseller has no live subscription and no support contract left at the customer (R13, S7).
    ended_at = models.DateTimeField(null=True, blank=True)

    # The customer's order and search keys, so that a reseller's list needs one index and no join.
    customer_name = models.CharField(max_length=200)
    customer_sort_name = models.CharField(max_length=400, db_collation="C")
    customer_domain = models.CharField(max_length=253)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "reseller", "subscription"],
                nulls_distinct=False,
                name="one_grant_per_customer_reseller_subscription",
            ),
            models.CheckConstraint(
                condition=Q(observed_generation__lte=F("generation")), name="grant_observes_only_generations_that_exist"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(allowed=False), name="ended_relation_allows_nothing"
            ),
            models.CheckConstraint(
                condition=Q(subscription__isnull=True)
                | Q(level=Level.FULL, effective_level=Level.FULL, ends_at__isnull=True, narrows_at__isnull=True),
                name="subscription_has_neither_level_nor_end",
            ),
            models.CheckConstraint(
                condition=Q(subscription__isnull=True) | Q(standing=Standing.ALL, effective_standing=Standing.ALL),
                name="subscription_is_not_on_request",
            ),
            models.CheckConstraint(
                condition=Q(subscription__isnull=True) | Q(basis=Basis.RELATION),
                name="contract_opens_a_console_and_no_subscription",
            ),
        ]
        indexes = [
            models.Index(
                fields=["reseller", "customer_sort_name", "id"],
                name="customers_of_a_reseller",
                condition=Q(subscription__isnull=True, ended_at__isnull=True),
                include=["customer", "customer_name", "customer_domain", "effective_from", "effective_until"],
            ),
            # A part of a customer's name or domain, for the list and for the search of the top bar.
            GinIndex(
                fields=["customer_sort_name", "customer_domain"],
                opclasses=["gin_trgm_ops", "gin_trgm_ops"],
                name="relations_by_part_of_name",
                condition=Q(subscription__isnull=True, ended_at__isnull=True),
            ),
            models.Index(
                "lapses_at",
                name="registrations_that_lapse",
                condition=Q(lapses_at__isnull=False, ended_at__isnull=True),
            ),
            models.Index("ends_at", name="ends_to_come", condition=Q(allowed=True, ends_at__isnull=False)),
        ]

    def __str__(self) -> str:
        what = f"subscription {self.subscription_id}" if self.subscription_id else "console"
        return f"{what} of {self.customer_domain} for reseller {self.reseller_id}"

    @property
    def is_support_only(self) -> bool:
        """Whether the reseller has sold nothing: a support contract alone opens the console, without licences (S9)."""
        return self.basis == Basis.CONTRACT

    @property
    def has_contract(self) -> bool:
        """Whether there is a support contract: its cases go on whatever the switch says (R19)."""
        return self.basis in (Basis.CONTRACT, Basis.BOTH)
