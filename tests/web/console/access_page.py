"""Uses the page *Reseller access* as a browser without JavaScript does: reads the boxes, ticks, sends the form."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Customer, Reseller, User
from subscriptions.models import Subscription


@dataclass
class Box:
    """A check box as the page has it."""

    name: str
    checked: bool
    disabled: bool


@dataclass
class Page(HTMLParser):
    """What the page says, and its form."""

    client: Client
    url: str
    status: int = 200
    html: str = ""
    boxes: dict[str, Box] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)
    # Level and end beside the boxes, by the names of their fields.
    chosen: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__()
        self._in_form = False
        self._select = ""
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self._in_form = values.get("id") == "access-form"
        name, value = values.get("name") or "", values.get("value") or ""
        if tag == "select" and values.get("form") == "access-form" and "disabled" not in values:
            self._select = name
        if tag == "option" and self._select and (self._select not in self.chosen or "selected" in values):
            self.chosen[self._select] = value
        if tag != "input":
            return
        if values.get("type") in {"radio", "date"} and values.get("form") == "access-form" and "disabled" not in values:
            if "checked" in values or values["type"] == "date":
                self.chosen[name] = value
            return
        if values.get("type") == "checkbox" and values.get("form") == "access-form":
            box_name = value if name == "allow" else f"agreed-{value}"
            self.boxes[box_name] = Box(name, "checked" in values, "disabled" in values)
        elif self._in_form:
            self.hidden[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False
        if tag == "select":
            self._select = ""

    @property
    def text(self) -> str:
        """The page without white space, and without the marks around names."""
        return " ".join(self.html.replace("<bdi>", "").replace("</bdi>", "").split())

    def tick(self, *boxes: str, off: bool = False) -> Page:
        for name in boxes:
            self.boxes[name].checked = not off
        return self

    def untick(self, *boxes: str) -> Page:
        return self.tick(*boxes, off=True)

    def narrow(self, reseller: Reseller, *, level: str = "", standing: str = "", end: str = "", day: str = "") -> Page:
        """Choose a level, when it is open, an end, a day, beside the box of a reseller."""
        for name, value in (("level", level), ("standing", standing), ("end", end), ("day", day)):
            if value:
                self.chosen[f"{name}-{reseller.pk}"] = value
        return self

    def form(self) -> dict[str, Any]:
        sent = {name: box for name, box in self.boxes.items() if box.checked and not box.disabled}
        return (
            self.hidden
            | self.chosen
            | {
                "allow": [name for name, box in sent.items() if box.name == "allow"],
                "agreed": [name.removeprefix("agreed-") for name, box in sent.items() if box.name == "agreed"],
            }
        )

    def save(self, *, confirmed: bool = True) -> Page:
        """Press Save; `confirmed` as with JavaScript, which shows the words beside the button."""
        response = self.client.post(self.url, self.form() | {"confirmed": "1" if confirmed else ""}, follow=True)
        return Page(self.client, self.url, response.status_code, response.content.decode())


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="accounts.backends.SignInBackend")
    return client


def url_of(customer: Customer, name: str = "reseller_access") -> str:
    return reverse(name, kwargs={"domain": customer.primary_domain})


def open_page(user: User, customer: Customer) -> Page:
    client, url = client_of(user), url_of(customer)
    response = client.get(url)
    return Page(client, url, response.status_code, response.content.decode())


def box(reseller: Reseller, subscription: Subscription | None = None) -> str:
    return str(reseller.pk) if subscription is None else f"{reseller.pk}-{subscription.pk}"


def agreed(reseller: Reseller) -> str:
    return f"agreed-{reseller.pk}"
