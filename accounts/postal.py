"""A customer's postal address in parts, beside the text that stands on a letter.

The text leads: pages of resellers and the release before write only that. Parts count as long as the text is theirs;
behind another text they are its lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

from accounts.directory.change import clean_line
from accounts.errors import Refused
from accounts.models import Customer

# The parts, by their columns, in the order of a letter, and the most letters of each.
PARTS: Final[Mapping[str, int]] = {
    "address_line1": 200,
    "address_line2": 200,
    "address_line3": 200,
    "locality": 100,
    "region": 100,
    "postal_code": 20,
    "country_code": 2,
}
_LINES: Final = ("address_line1", "address_line2", "address_line3")
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def postal_parts(customer: Customer) -> dict[str, str]:
    """Return the parts of a customer's address, all of them; where only its text is known, its lines."""
    parts = {name: str(getattr(customer, name)) for name in PARTS}
    return parts if text_of(parts) == customer.postal_address else _lines_of(customer.postal_address)


def text_of(parts: Mapping[str, str]) -> str:
    """Return an address as it stands on a letter, line by line."""
    city = f"{parts['postal_code']} {parts['locality']}".strip()
    lines = [*(parts[name] for name in _LINES), city, parts["region"], parts["country_code"]]
    return "\n".join(filter(None, lines))


def clean_part(name: str, text: str) -> str:
    """Return a part as a person can read it. Raises Refused."""
    if name == "country_code":
        text = text.strip().upper()
        if text and not _COUNTRY.fullmatch(text):
            raise Refused(_("Write the country as two letters, such as DE or FR."), name)
    return clean_line(text, name, PARTS[name])


def _lines_of(text: str) -> dict[str, str]:
    first, second, third = [*text.splitlines(), "", "", ""][:3]
    more = text.splitlines()[3:]
    return dict.fromkeys(PARTS, "") | dict(zip(_LINES, (first, second, ", ".join([third, *more])), strict=True))
