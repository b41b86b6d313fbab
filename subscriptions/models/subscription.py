from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q, TextField, Value
from django.db.models.functions import Cast, Now, Replace
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Reseller
from accounts.models.targets import TargetKind
from subscriptions.models.catalogue import Sku


class Plan(models.TextChoices):
    """How a subscription is paid (B5)."""

    ANNUAL_MONTHLY_PAY = "ANNUAL_MONTHLY_PAY", _("Annual plan, paid monthly")
    ANNUAL_YEARLY_PAY = "ANNUAL_YEARLY_PAY", _("Annual plan, paid yearly")
    FLEXIBLE = "FLEXIBLE", _("Flexible plan")
    TRIAL = "TRIAL", _("Trial")
    FREE = "FREE", _("Free")


COMMITMENT_PLANS = (Plan.ANNUAL_MONTHLY_PAY, Plan.ANNUAL_YEARLY_PAY)
TRIAL_SEATS = 10
# Of what a reseller notes about an order, in characters.
PURCHASE_ORDER_MAX_LENGTH, DEAL_CODE_MAX_LENGTH = 80, 100


class Status(models.TextChoices):
    """Whether a subscription can be used (B6)."""

    ACTIVE = "ACTIVE", _("Active")
    SUSPENDED = "SUSPENDED", _("Suspended")
    CANCELLED = "CANCELLED", _("Cancelled")


class SuspensionReason(models.TextChoices):
    """Why a subscription is suspended (B6)."""

    PENDING_TOS_ACCEPTANCE = "PENDING_TOS_ACCEPTANCE", _("The terms of service were not accepted yet")
    RENEWAL_WITH_TYPE_CANCEL = "RENEWAL_WITH_TYPE_CANCEL", _("Cancelled at the renewal date")
    RESELLER_INITIATED = "RESELLER_INITIATED", _("Suspended by the reseller")
    TRIAL_ENDED = "TRIAL_ENDED", _("The trial ended")
    OTHER = "OTHER", _("Other reason")


class RenewalType(models.TextChoices):
    """What happens at the end of a commitment (B7)."""

    AUTO_RENEW_MONTHLY_PAY = "AUTO_RENEW_MONTHLY_PAY", _("Renews, paid monthly")
    AUTO_RENEW_YEARLY_PAY = "AUTO_RENEW_YEARLY_PAY", _("Renews, paid yearly")
    CANCEL = "CANCEL", _("Ends")
    RENEW_CURRENT_USERS_MONTHLY_PAY = "RENEW_CURRENT_USERS_MONTHLY_PAY", _("Renews for the current users, paid monthly")
    RENEW_CURRENT_USERS_YEARLY_PAY = "RENEW_CURRENT_USERS_YEARLY_PAY", _("Renews for the current users, paid yearly")
    SWITCH_TO_PAY_AS_YOU_GO = "SWITCH_TO_PAY_AS_YOU_GO", _("Becomes a flexible plan")


class Subscription(models.Model):
    """What a customer bought: a SKU, a plan, seats. From one reseller, or from the vendor (B1)."""

    target_kind = TargetKind.SUBSCRIPTION

    # By which programs name it: 32 hexadecimal digits that nobody guesses, drawn by the database.
    public_id = models.CharField(
        max_length=32,
        editable=False,
        db_default=Replace(Cast(RandomUUID(), TextField()), Value("-"), Value("")),
    )
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="subscriptions")
    # Null: bought from the vendor.
    reseller = models.ForeignKey(Reseller, models.PROTECT, null=True, blank=True, related_name="subscriptions")
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="subscriptions")
    plan = models.CharField(max_length=20, choices=Plan)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    suspension_reasons = ArrayField(models.CharField(max_length=32, choices=SuspensionReason), default=list, blank=True)
    number_of_seats = models.PositiveIntegerField(null=True, blank=True)
    maximum_number_of_seats = models.PositiveIntegerField(null=True, blank=True)
    renewal_type = models.CharField(max_length=32, choices=RenewalType, null=True, blank=True)  # noqa: DJ001  null: has none
    ordered_at = models.DateTimeField(db_default=Now())
    # From when the years of a commitment are counted, so that 29 February comes back; null where a plan has none.
    committed_at = models.DateTimeField(null=True, blank=True)
    # End of the commitment (annual plans) or of the trial; null where a plan has no end.
    ends_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    # What its seller noted about the order: its own number for it, and the vendor's code of a discount.
    purchase_order_id = models.CharField(max_length=PURCHASE_ORDER_MAX_LENGTH, blank=True, default="", db_default="")
    deal_code = models.CharField(max_length=DEAL_CODE_MAX_LENGTH, blank=True, default="", db_default="")
    # B5: what a trial becomes when the paid service starts, where that was chosen already; null for everything else.
    plan_after_trial = models.CharField(max_length=20, choices=Plan, null=True, blank=True)  # noqa: DJ001  null: not chosen
    seats_after_trial = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["id", "customer"], name="subscription_names_its_customer"),
            models.UniqueConstraint(fields=["public_id"], name="public_id_of_one_subscription"),
            models.CheckConstraint(
                condition=Q(
                    plan__in=COMMITMENT_PLANS, number_of_seats__isnull=False, maximum_number_of_seats__isnull=True
                )
                | Q(plan=Plan.FLEXIBLE, number_of_seats__isnull=True, maximum_number_of_seats__isnull=False)
                | Q(
                    plan=Plan.TRIAL,
                    number_of_seats__isnull=True,
                    maximum_number_of_seats__lte=TRIAL_SEATS,
                    maximum_number_of_seats__isnull=False,
                )
                | Q(plan=Plan.FREE),
                name="seats_fit_the_plan",
            ),
            models.CheckConstraint(
                condition=Q(plan__in=COMMITMENT_PLANS) | Q(renewal_type__isnull=True),
                name="only_commitments_have_a_renewal",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.CANCELLED, cancelled_at__isnull=False)
                | (~Q(status=Status.CANCELLED) & Q(cancelled_at__isnull=True)),
                name="cancelled_subscription_says_when",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.SUSPENDED) | Q(suspension_reasons=[]),
                name="only_suspended_subscriptions_have_reasons",
            ),
        ]
        indexes = [
            # "How many did this reseller sell to each of these customers", and whether a relation still lives.
            models.Index(
                "reseller",
                "customer",
                name="live_subscriptions_sold",
                condition=~Q(status="CANCELLED") & Q(reseller__isnull=False),
            ),
            # What ends or renews soon, and what is suspended, of what a reseller sold: its home page and its filters.
            # The first has all that they ask: among ten million rows each look into the table is one at the disk.
            models.Index(
                "reseller",
                "ends_at",
                include=["customer", "plan"],
                name="ends_of_what_was_sold",
                condition=Q(status="ACTIVE", ends_at__isnull=False, reseller__isnull=False),
            ),
            models.Index(
                "reseller",
                "id",
                name="suspended_subscriptions_sold",
                condition=Q(status="SUSPENDED", reseller__isnull=False),
            ),
            # What the system has to settle: trials and commitments that are over.
            models.Index("ends_at", name="subscriptions_that_end", condition=Q(status="ACTIVE", ends_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.sku.name

    @property
    def seats(self) -> int | None:
        """Seats paid for (annual plans) or allowed at most (flexible and trial); None where nothing limits them."""
        return self.number_of_seats if self.number_of_seats is not None else self.maximum_number_of_seats

    def set_seats(self, seats: int) -> None:
        """Set the seats that this plan has; saving is up to the caller."""
        if self.plan in COMMITMENT_PLANS:
            self.number_of_seats = seats
        else:
            self.maximum_number_of_seats = seats
