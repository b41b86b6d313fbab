"""One look of the sealing process: seal what is final, and keep the seals outside (A5)."""

from __future__ import annotations

import logging
import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from accounts.models import Seal, SealEra
from accounts.seals import outside
from accounts.seals.eras import database_identity
from accounts.seals.outside import OutsideAway, OutsideDiffers, Place
from accounts.seals.sealing import Broken, seal_next
from accounts.seals.status import Trouble, say_looked

logger = logging.getLogger(__name__)

_NO_PLACE: Place = (0, 0)
# Seconds.
TURN = 30.0


class Turn:
    """Half a minute, after which the sealer says that it is at work."""

    def __init__(self) -> None:
        self.until = time.monotonic() + TURN

    def is_over(self) -> bool:
        return time.monotonic() > self.until


class Sealer:
    """The sealing process. It knows how far the place outside has got, and asks that again when it is started."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self.key = key
        # None: not known; it is asked with the next look.
        self.kept: Place | None = None
        self.is_behind = False

    def look(self) -> int:
        """Seal what is final, keep it outside, and note how it went; return the number of new seals.

        With the place outside away sealing goes on, and what it missed is kept when it is back. What is more than half
        a minute's work is left for the next look, which comes at once then (`is_behind`).
        """
        self.is_behind = False
        done, stopped, away = 0, None, True
        try:
            away = not self._knows_outside()
            if _is_restored(self.kept):
                stopped = Trouble.RESTORED
            else:
                turn = Turn()
                while not self.is_behind and (made := seal_next(self.key)):
                    done += made
                    self.is_behind = turn.is_over()
                away = away or not self._keep_outside()
        except (Broken, OutsideDiffers):
            # The next look asks the place outside again.
            self.kept = None
            logger.exception("the audit log cannot be sealed on")
            stopped = Trouble.BROKEN
        if stopped is Trouble.RESTORED:
            logger.error("nothing is sealed: this is not the database that was sealed, so begin an era")
        say_looked(outside_away=away, stopped=stopped)
        return done

    def _knows_outside(self) -> bool:
        """Find out how far the place outside has got; the newest seal there must be ours. Raises OutsideDiffers."""
        if self.kept is not None:
            return True
        try:
            self.kept = outside.head() or _NO_PLACE
            if seal := _seal_at(self.kept):
                outside.put(seal)
        except OutsideAway as error:
            self.kept = None
            logger.warning("the place outside of the seals is away: %s", error)
            return False
        return True

    def _keep_outside(self) -> bool:
        """Keep outside what is not there yet; return whether all of it is. Raises OutsideDiffers."""
        if self.kept is None:
            return False
        turn = Turn()
        try:
            while seal := _seal_behind(self.kept):
                outside.put(seal)
                self.kept = (seal.era_id, seal.number)
                if turn.is_over():
                    self.is_behind = True
                    break
        except OutsideAway as error:
            self.kept = None
            logger.warning("a seal could not be kept outside: %s", error)
            return False
        return True


def _is_restored(kept: Place | None) -> bool:
    """Tell whether the database is not the one whose seals these are, or lacks seals that are kept outside."""
    era = SealEra.objects.order_by("-number").first()
    assert era is not None  # migration 0035 begins the first
    if era.database != database_identity() or (kept or _NO_PLACE) > (era.number, _newest(era)):
        return True
    own = Seal.objects.filter(era=era, is_leftover=False).defer("leaves").order_by("-number").first()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        [oldest] = cursor.fetchone()
    return own is not None and own.last_transaction >= oldest


def _newest(era: SealEra) -> int:
    return Seal.objects.filter(era=era).order_by("-number").values_list("number", flat=True).first() or 0


def _seal_at(place: Place) -> Seal | None:
    return Seal.objects.select_related("era").filter(era_id=place[0], number=place[1]).first()


def _seal_behind(place: Place) -> Seal | None:
    era, number = place
    seals = Seal.objects.select_related("era")
    return (
        seals.filter(era_id=era, number__gt=number).order_by("number").first()
        or seals.filter(era_id__gt=era).order_by("era_id", "number").first()
    )
