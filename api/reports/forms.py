"""How an event of the audit log is shown as an activity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from accounts.audit import EventName as E

ADMIN, LOGIN = "admin", "login"


@dataclass(frozen=True, slots=True)
class Form:
    """How an event is shown.

    subject: the parameter that names what it is about; empty where no parameter does. main: which of its values are
    OLD_VALUE and NEW_VALUE. names: what the original calls other values; they have their own names in capitals else.
    """

    type: str
    subject: str = ""
    main: str = ""
    application: str = ADMIN
    names: Mapping[str, str] = field(default_factory=dict)


def of(type_: str, subject: str, *events: E | tuple[E, str], **names: str) -> Iterator[tuple[E, Form]]:
    """Give the form of several events of one type, each with its main value where it has one."""
    for each in events:
        event, main = each if isinstance(each, tuple) else (each, "")
        yield event, Form(type_, subject, main, names=names)


def signing(type_: str, *events: E) -> Iterator[tuple[E, Form]]:
    for event in events:
        yield event, Form(type_, application=LOGIN, names={"way": "login_type"})
