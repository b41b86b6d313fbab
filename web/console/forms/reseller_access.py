"""Reads the form of the page *Reseller access*.

A ticked box arrives as `allow=12` (the console, for reseller 12) or `allow=12-45` (subscription 45 for
that reseller). `seen` lists every box that the page had, with its generation and whether it was ticked:
a box that the page did not have asks for nothing. How far a console is opened stands in fields of its own (extent.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from subscriptions.access.box import Box
from subscriptions.access.comparison import Desired, Key, box_id, key_of
from web.console.forms.extent import ExtentFields

# What `seen_text` writes behind the name of a box. Nine digits keep the number inside its column.
_SEEN = re.compile(r"(?P<generation>[0-9]{1,9})(?P<shown>[+-])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Seen:
    """What one box of the page said when the page was made."""

    generation: int
    ticked: bool


def seen_text(boxes: Iterable[Box]) -> str:
    """Return what the page shows, as the form sends it back: "12:3+ 12-45:0-"."""
    return " ".join(f"{box.id}:{box.generation}{'+' if box.allowed else '-'}" for box in boxes)


class SeenField(forms.Field):
    """The boxes of the page as `seen_text` wrote them."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> dict[Key, Seen]:
        found = {}
        for word in str(value or "").split():
            name, _colon, showed = word.partition(":")
            key, match = key_of(name), _SEEN.fullmatch(showed)
            if key is None or match is None:
                raise _unreadable()
            found[key] = Seen(int(match["generation"]), match["shown"] == "+")
        return found


class BoxesField(forms.Field):
    """Any number of ticked boxes."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> frozenset[Key]:
        keys = [key_of(name) for name in value or ()]
        if None in keys:
            raise _unreadable()
        return frozenset(key for key in keys if key)


def _unreadable() -> ValidationError:
    return ValidationError(_("This form could not be read. Look at the boxes again, then save."))


class ResellerAccessForm(forms.Form):
    """The boxes as an admin left them.

    confirmed: the words that say what will change were on the screen. step: "edit" leads back to the boxes.
    """

    seen = SeenField(required=False)
    allow = BoxesField(required=False)
    agreed = BoxesField(required=False)
    confirmed = forms.BooleanField(required=False)
    step = forms.CharField(required=False)

    def desired(self) -> list[Desired]:
        """Return each box that the page had, as the admin left it. Raises EndRefused for an end that is none."""
        seen: dict[Key, Seen] = self.cleaned_data["seen"]
        extents = {key: sent.extent(key) for key, sent in self.extents.items() if key in self.ticked}
        return [
            Desired(key[0], key[1], key in self.ticked, was.generation, extents.get(key)) for key, was in seen.items()
        ]

    @cached_property
    def extents(self) -> dict[Key, ExtentFields]:
        """How far each console was to be opened, as it was sent."""
        data = self.data
        assert isinstance(data, QueryDict)
        consoles = [key for key in self.cleaned_data["seen"] if key[1] is None]
        return {key: sent for key in consoles if (sent := ExtentFields.sent(data, key))}

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
        extents = [field for key, sent in self.extents.items() for field in sent.named(key)]
        return [("seen", data.get("seen", "")), *boxes, *agreed, *extents]
