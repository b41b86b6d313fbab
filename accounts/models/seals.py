"""The seals of the audit log (A5): what is signed, and how far. Append only, but for what the sealer says of itself."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class SealEra(models.Model):
    """A time in which one database's transactions count up; the next one begins after a restore, with a reason.

    The numbers of its events lie above `after_id`: what was written before it begun is of the era before.
    """

    number = models.PositiveIntegerField(primary_key=True)
    after_id = models.BigIntegerField()
    began_at = models.DateTimeField(db_default=Now())
    reason = models.CharField(max_length=300, blank=True)
    # Names the server and the database in it (accounts/seals/eras.py): a restored one is another.
    database = models.CharField(max_length=60)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"era {self.number}"


class SealKey(models.Model):
    """A key that seals are checked by, as hexadecimal digits. Everybody may know it."""

    public = models.CharField(max_length=64, primary_key=True)
    first_used_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.public


class Seal(models.Model):
    """The signed digest over a stretch of the log: what it says is in accounts/seals/statements.py.

    root, records, previous and signature are hexadecimal digits. leaves: a record of each event
    (accounts/seals/records.py); records: the digest of them.
    """

    era = models.ForeignKey(SealEra, models.PROTECT, related_name="seals", db_index=False)
    number = models.PositiveIntegerField()
    # Of what the restored database had beyond its last seal; the first seals of a later era.
    is_leftover = models.BooleanField(default=False)
    # How events are written to be hashed (accounts/seals/canonical.py).
    form = models.PositiveSmallIntegerField()
    first_transaction = models.BigIntegerField()
    first_id = models.BigIntegerField()
    last_transaction = models.BigIntegerField()
    last_id = models.BigIntegerField()
    # The largest number among its events and those of the seals before it in this part of the era.
    greatest_id = models.BigIntegerField()
    events = models.PositiveIntegerField()
    root = models.CharField(max_length=64)
    leaves = models.BinaryField()
    records = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    key = models.ForeignKey(SealKey, models.PROTECT, related_name="+", db_index=False)
    signature = models.CharField(max_length=128)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["era", "number"], name="seal_has_its_number_once"),
            models.CheckConstraint(condition=Q(events__gt=0, number__gt=0), name="seal_has_events_and_a_number"),
        ]
        indexes = [
            models.Index("era", "is_leftover", "last_transaction", "last_id", name="seals_by_their_last_event"),
        ]

    def __str__(self) -> str:
        return f"seal {self.era_id}/{self.number}"


class Sealing(models.Model):
    """What the sealer says of itself; one row, which /health/ready reads."""

    looked_at = models.DateTimeField(db_default=Now())
    # Since when the place outside the database takes no seals.
    outside_away_since = models.DateTimeField(null=True)
    # Since when nothing is sealed, and why (accounts/seals/status.py).
    stopped_since = models.DateTimeField(null=True)
    stopped_because = models.CharField(max_length=20, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"sealer at {self.looked_at}"


class DroppedMonths(models.Model):
    """Months of the log that were dropped by the owner's command: no event of before this moment is there any more.

    event_id: the event that says so, which is sealed as any other.
    """

    before = models.DateTimeField()
    events = models.BigIntegerField()
    event_id = models.BigIntegerField()
    dropped_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"dropped before {self.before}"
