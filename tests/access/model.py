"""What may be visible, in a few lines of Python without a database: the state machine compares the product with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from subscriptions.access.comparison import Key


@dataclass
class Box:
    """One grant: every wish since the first, the one that waits, and the window that is open."""

    wishes: list[bool] = field(default_factory=list)
    waiting: tuple[bool, datetime] | None = None
    is_open: bool = False
    until: datetime | None = None
    failed: bool = False

    @property
    def wished(self) -> bool:
        return bool(self.wishes) and self.wishes[-1]

    def in_force(self, now: datetime) -> bool:
        return self.is_open and (self.until is None or self.until > now)


@dataclass
class Model:
    """One customer's decisions, what each console stands on, and which are over."""

    boxes: dict[Key, Box] = field(default_factory=dict)
    sold: set[int] = field(default_factory=set)
    contracted: set[int] = field(default_factory=set)
    # The customer's own last word about the console of each reseller.
    word: dict[int, bool] = field(default_factory=dict)

    def box(self, key: Key) -> Box:
        return self.boxes.get(key, Box())

    def wish(self, key: Key, allowed: bool, due_at: datetime) -> set[Key]:
        """Save one difference; returns every key that took a step, with those that R4 takes along."""
        box = self.boxes.setdefault(key, Box())
        box.wishes.append(allowed)
        box.waiting, box.failed = (allowed, due_at), False
        if not allowed and box.is_open:
            box.until = min(box.until or due_at, due_at)  # R8, and never later than before
        steps = {key}
        if key[1] is None and not allowed:
            for other in [k for k in self.boxes if k[0] == key[0] and k[1] is not None]:
                steps |= self.end(other, due_at)
        return steps

    def end(self, key: Key, due_at: datetime) -> set[Key]:
        """Take away what is wished, or open beyond that moment; nothing otherwise."""
        box = self.box(key)
        return self.wish(key, False, due_at) if box.wished or box.in_force(due_at) else set()

    def settle(self, key: Key, *, suspended: bool) -> None:
        """A worker has seen the waiting wish of this box."""
        box = self.boxes[key]
        assert box.waiting is not None
        allowed, _due_at = box.waiting
        box.waiting = None
        if allowed:
            box.failed = suspended
            if not suspended:
                box.is_open, box.until = True, None

    def due(self, now: datetime) -> list[Key]:
        return [key for key, box in self.boxes.items() if box.waiting and box.waiting[1] <= now]

    @property
    def ended(self) -> set[int]:
        return {key[0] for key in self.boxes} - self.sold - self.contracted

    def begin_relation(self, reseller: int, now: datetime) -> None:
        if reseller not in self.sold:
            opens = self.word.get(reseller, True) and (
                reseller not in self.contracted or self.box((reseller, None)).wished
            )
            self.sold.add(reseller)
            self.wish((reseller, None), opens, now)

    def begin_contract(self, reseller: int, opens: bool, due_at: datetime, *, decided: bool) -> None:
        is_live = reseller in self.sold | self.contracted
        self.contracted.add(reseller)
        if is_live:
            return
        if decided:
            self.word[reseller] = opens
        self.wish((reseller, None), opens and self.word.get(reseller, True), due_at)

    def end_relation(self, reseller: int, now: datetime) -> None:
        if reseller in self.sold:
            self.sold.discard(reseller)
            self.wish((reseller, None), False, now)

    def end_contract(self, reseller: int, now: datetime) -> None:
        if reseller in self.contracted:
            self.contracted.discard(reseller)
            if reseller not in self.sold:
                self.wish((reseller, None), False, now)
