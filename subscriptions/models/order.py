"""What was ordered and what became of it; how a reseller takes subscriptions over; how they are paid."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, Reseller, User
from accounts.models.audit_event import ActorKind
from subscriptions.models.catalogue import Product
from subscriptions.models.subscription import Subscription


class OrderKind(models.TextChoices):
    ORDERED = "ordered", _("Ordered")
    SEATS_CHANGED = "seats_changed", _("Seats changed")
    PLAN_CHANGED = "plan_changed", _("Plan changed")
    RENEWAL_CHANGED = "renewal_changed", _("Renewal setting changed")
    NOTED = "noted", _("Purchase order or deal code changed")
    PAID_SERVICE_STARTED = "paid_service_started", _("Paid service started")
    SUSPENDED = "suspended", _("Suspended")
    ACTIVATED = "activated", _("Activated")
    RENEWED = "renewed", _("Renewed")
    TRANSFERRED = "transferred", _("Transferred")
    HANDED_BACK = "handed_back", _("Handed back to the vendor")
    SKU_CHANGED = "sku_changed", _("Upgraded or downgraded")
    CANCELLED = "cancelled", _("Cancelled")


class Order(models.Model):
    """One line of a subscription's order history: what, when, by whom. Written by lifecycle/history.py only.

    People and organisations are copied by name, so that a line says the same after they are gone.
    """

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="orders")
    # Who sold it at that moment; null for the vendor. A reseller sees the lines of its own time only.
    reseller = models.ForeignKey(Reseller, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=20, choices=OrderKind)
    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=8, choices=ActorKind)
    actor_email = models.CharField(max_length=254, blank=True)
    actor_organisation = models.CharField(max_length=200, blank=True)
    old_value = models.JSONField(null=True)
    new_value = models.JSONField(null=True)
    # Seats after it, for the chart of use over time; null where nothing limits them.
    seats = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        indexes = [models.Index("subscription", "id", name="orders_of_subscription")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subscription_id}"


class TransferToken(models.Model):
    """A customer's permission for one reseller to take its subscriptions over. Only a digest is kept."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="transfer_tokens")
    reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="transfer_tokens")
    digest = models.CharField(max_length=64, unique=True)
    # Which products may move with it; none named: all.
    products = ArrayField(models.CharField(max_length=100), default=list, db_default=[])
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True), name="token_is_used_or_revoked_not_both"
            )
        ]
        indexes = [models.Index("customer", "id", name="transfer_tokens_of_customer")]

    def __str__(self) -> str:
        return f"token {self.pk} of {self.customer_id} for {self.reseller_id}"


class Transfer(models.Model):
    """A product group that went from one seller to another; nothing goes back to the first for 18 months."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="transfers")
    product = models.ForeignKey(Product, models.PROTECT, related_name="+")
    # Null: from the vendor.
    from_reseller = models.ForeignKey(Reseller, models.PROTECT, null=True, blank=True, related_name="+")
    to_reseller = models.ForeignKey(Reseller, models.PROTECT, related_name="+")
    token = models.ForeignKey(TransferToken, models.PROTECT, null=True, related_name="transfers")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        indexes = [models.Index("customer", "product", "at", name="transfers_of_a_product")]

    def __str__(self) -> str:
        return f"{self.product_id} of {self.customer_id} to {self.to_reseller_id}"


class PaymentKind(models.TextChoices):
    CARD = "card", _("Card")
    BANK = "bank", _("Bank account")
    INVOICE = "invoice", _("Invoice")


class PaymentAccount(models.Model):
    """How a customer pays the vendor, as far as a console may know it: never a whole number."""

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="payment_accounts")
    kind = models.CharField(max_length=7, choices=PaymentKind)
    holder = models.CharField(_("holder"), max_length=200)
    # The brand of a card or the name of a bank.
    institution = models.CharField(_("brand or bank"), max_length=100, blank=True)
    last_digits = models.CharField(_("last four digits"), max_length=4, blank=True)
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    is_primary = models.BooleanField(default=False)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["customer"], condition=Q(is_primary=True), name="customer_has_one_primary_payment_account"
            ),
            models.CheckConstraint(
                condition=Q(last_digits="") | Q(last_digits__regex=r"^[0-9]{4}$"),
                name="payment_account_keeps_four_digits_at_most",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.last_digits}"
