"""People under whom machines fail: super admins who save access, and agents who look into consoles. They go by HTTP."""

from __future__ import annotations

import http.client
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from itertools import count, cycle
from threading import Event, Thread
from urllib.parse import urlencode

from django.test import Client

from drill.records import Attempt, Outcome, Read, ip_address_of
from tests.web.console.access_page import Page

# Seconds a person waits for an answer, and between two saves and two looks of the same person.
PATIENCE, BETWEEN_SAVES, BETWEEN_LOOKS = 12.0, 1.0, 0.1
THREADS = 3


@dataclass
class Answer:
    """What came back; status 0: nothing did."""

    status: int
    body: str = ""


@dataclass
class Browser:
    """A browser in which a person is signed in. It stays with one web server until that fails, as a front does.

    Attributes:
        webs: addresses and ports of the web servers, the one in use first.
        cookies: of a session that is there already.
    """

    webs: list[tuple[str, int]]
    cookies: dict[str, str]

    def send(self, method: str, path: str, form: dict[str, object] | None = None, *, ip_address: str = "") -> Answer:
        """Send a request and return its answer, whatever it is."""
        address, port = self.webs[0]
        headers = {"Host": "localhost", "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"X-Forwarded-For": ip_address} if ip_address else {}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
        body = urlencode(form, doseq=True) if form is not None else None
        connection = http.client.HTTPConnection(address, port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = Answer(response.status, response.read().decode(errors="replace"))
        except (OSError, http.client.HTTPException):
            answer = Answer(0)
        else:
            for line in response.headers.get_all("Set-Cookie") or []:
                self.cookies.update((name, morsel.value) for name, morsel in SimpleCookie(line).items())
        finally:
            connection.close()
        if answer.status in (0, 502, 503, 504):
            self.webs.append(self.webs.pop(0))
        return answer


@dataclass(frozen=True, slots=True)
class Place:
    """A customer with its super admin and an agent of its reseller, each at a browser. box: the one that is saved."""

    customer: int
    domain: str
    box: str
    admin: Browser
    agent: Browser


@dataclass
class Load:
    """What everybody does until they are told to stop, and what they saw."""

    places: Sequence[Place]
    attempts: list[Attempt] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _stopped: Event = field(default_factory=Event)
    _threads: list[Thread] = field(default_factory=list)

    def start(self) -> None:
        """Let everybody begin; each thread has people of its own."""
        for what, pause in ((self._save, BETWEEN_SAVES), (self._look, BETWEEN_LOOKS)):
            for number in range(THREADS):
                places = self.places[number::THREADS]
                thread = Thread(target=self._go_on, args=(what, places, pause), daemon=True)
                self._threads.append(thread)
                thread.start()

    def stop(self) -> None:
        """Let everybody end after what they are at."""
        self._stopped.set()
        for thread in self._threads:
            thread.join(5 * PATIENCE)

    def _go_on(self, what: Callable[[Place], None], places: Sequence[Place], pause: float) -> None:
        for place in cycle(places):
            if self._stopped.is_set():
                return
            what(place)
            self._stopped.wait(pause)

    def _save(self, place: Place) -> None:
        """Open the page, turn the box over, save."""
        path = f"/console/{place.domain}/account/reseller-access/"
        shown = place.admin.send("GET", path)
        if shown.status != 200:
            return
        page = Page(Client(), path, 200, shown.body)
        if place.box not in page.boxes:
            return
        page.tick(place.box, off=page.boxes[place.box].checked)
        number, began = next(self._numbers), time.time()
        sent = place.admin.send("POST", path, page.form() | {"confirmed": "1"}, ip_address=ip_address_of(number))
        outcome = {302: Outcome.SAVED, 409: Outcome.REFUSED, 422: Outcome.REFUSED, 403: Outcome.REFUSED}
        self.attempts.append(
            Attempt(number, place.customer, began, time.time(), outcome.get(sent.status, Outcome.UNKNOWN))
        )

    def _look(self, place: Place) -> None:
        """Look at the people of the customer; who is not inside enters, where they may, and looks again."""
        if self._seen(place) in (302, 403, 404):
            token = place.agent.cookies.get("csrftoken", "")
            path = f"/reseller/customers/{place.domain}/enter/"
            if place.agent.send("POST", path, {"csrfmiddlewaretoken": token}).status == 302:
                self._seen(place)

    def _seen(self, place: Place) -> int:
        began = time.time()
        status = place.agent.send("GET", f"/console/{place.domain}/users/").status
        self.reads.append(Read(place.customer, began, time.time(), answered=200 <= status < 500, seen=status == 200))
        return status
