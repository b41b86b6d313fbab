"""Reads the form of the page *Reseller access*.

A ticked box arrives as `allow=12` (the console, for reseller 12) or `allow=12-45` (subscription 45 for
that reseller). `seen` lists every box that the page had, with its generation and whether it was ticked:
a box that the page did not have is no wish.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from subscriptions.access.desired import Wish
from subscriptions.access.overview import Box, Key, box_id

# Lengths keep every number inside its column.
_BOX = re.compile(r"(?P<reseller>[0-9]{1,18})(?:-(?P<subscription>[0-9]{1,18}))?", re.ASCII)
_SEEN = re.compile(rf"(?P<box>{_BOX.pattern}):(?P<generation>[0-9]{{1,9}})(?P<shown>[+-])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one box of the page said when the page was made."""

    generation: int
    ticked: bool


def seen_text(boxes: Iterable[Box]) -> str:
    """Return what the page shows, as the form sends it back: "12:3+ 12-45:0-"."""
    return " ".join(f"{box.id}:{box.generation}{'+' if box.allowed else '-'}" for box in boxes)


def box_of(text: str) -> Key | None:
    """Return the box that was named by `box_id`; None for anything else."""
    match = _BOX.fullmatch(text)
    return _key(match) if match else None


def _key(match: re.Match[str]) -> Key:
    subscription = match["subscription"]
    return (int(match["reseller"]), int(subscription) if subscription else None)


class SeenField(forms.Field):
    """The boxes of the page as `seen_text` wrote them."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> dict[Key, Seen]:
        matches = [_SEEN.fullmatch(word) for word in str(value or "").split()]
        found = {_key(m): Seen(int(m["generation"]), m["shown"] == "+") for m in matches if m}
        if not all(matches):
            raise ValidationError(_("This form could not be read. Look at the boxes again, then save."))
        return found


class BoxesField(forms.Field):
    """Any number of ticked boxes."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> frozenset[Key]:
        matches = [_BOX.fullmatch(word) for word in value or ()]
        if not all(matches):
            raise ValidationError(_("This form could not be read. Look at the boxes again, then save."))
        return frozenset(_key(m) for m in matches if m)


class ResellerAccessForm(forms.Form):
    """The boxes as an admin left them.

    confirmed: the words that say what will change were on the screen. step: "edit" leads back to the boxes.
    """

    seen = SeenField(required=False)
    allow = BoxesField(required=False)
    agreed = BoxesField(required=False)
    confirmed = forms.BooleanField(required=False)
    step = forms.CharField(required=False)

    def wishes(self) -> list[Wish]:
        """Return one wish for each box that the page had."""
        seen: dict[Key, Seen] = self.cleaned_data["seen"]
        return [Wish(key[0], key[1], key in self.ticked, was.generation) for key, was in seen.items()]

    @property
    def ticked(self) -> frozenset[Key]:
        return frozenset(self.cleaned_data["allow"])

    @property
    def agreed_resellers(self) -> set[int]:
        return {reseller for reseller, _subscription in self.cleaned_data["agreed"]}

    def is_touched(self, key: Key) -> bool:
        """Tell whether the admin changed this box."""
        seen = self.cleaned_data["seen"].get(key)
        return seen is not None and seen.ticked != (key in self.ticked)

    def as_sent(self) -> list[tuple[str, str]]:
        """Return the boxes as hidden inputs, so that the next page carries the same form."""
        data = self.data
        assert isinstance(data, QueryDict)
        boxes = [("allow", box_id(key)) for key in sorted(self.ticked, key=box_id)]
        agreed = [("agreed", str(reseller)) for reseller in sorted(self.agreed_resellers)]
        return [("seen", data.get("seen", "")), *boxes, *agreed]
