"""The parts of a person's name: the given and the family name, of which the name is made that pages show.

The name alone counts on pages, in lists and files. Where only it is written, the database makes the parts (0048): the
last word is the family name, and a person of one word has none.
"""

from __future__ import annotations

from typing import NamedTuple

from accounts.directory.change import clean_line
from accounts.models import User
from accounts.organisations import NAME_MAX_LENGTH, clean_name


class NameParts(NamedTuple):
    """A given and a family name, either of them empty where a person has one name only."""

    given: str
    family: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}".strip()


def clean_parts(given: str, family: str) -> NameParts:
    """Return the parts as a person can read them (P10). Raises Refused, also where nothing is left of both."""
    given = clean_line(given, "given_name", NAME_MAX_LENGTH)
    parts = NameParts(given, clean_line(family, "family_name", NAME_MAX_LENGTH))
    clean_name(parts.name, field="given_name")
    return parts


def parts_of(person: User) -> NameParts:
    """Return the parts that are stored."""
    return NameParts(person.given_name, person.family_name)


def write_parts(person: User, parts: NameParts) -> None:
    """Store the parts of a name that is stored already; for verbs, which hold the person's lock."""
    if parts_of(person) != parts:
        person.given_name, person.family_name = parts
        person.save(update_fields=["given_name", "family_name"])
