"""A browser without JavaScript, over HTTPS, that believes one certificate authority."""

from __future__ import annotations

import re
import ssl
from http.cookiejar import CookieJar
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPSHandler, OpenerDirector, Request, build_opener


class Page(NamedTuple):
    """What a request ended with, after redirects."""

    status: int
    url: str
    html: str


class Browser:
    """One person's. address: of the console, such as `https://localhost:8443`."""

    def __init__(self, address: str, authority: Path) -> None:
        context = ssl.create_default_context(cafile=str(authority))
        self.address = address
        self.opener: OpenerDirector = build_opener(HTTPSHandler(context=context), HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> Page:
        return self._open(Request(self.address + path))  # noqa: S310  our own address

    def post(self, path: str, form: dict[str, str | list[str]]) -> Page:
        """Send the form of a page, with the token that stands in it."""
        [token, *_] = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path).html)
        data = urlencode({**form, "csrfmiddlewaretoken": token}, doseq=True).encode()
        referred = {"Referer": self.address + path}
        return self._open(Request(self.address + path, data=data, headers=referred))  # noqa: S310

    def sign_in(self, email: str, password: str) -> Page:
        return self.post("/accounts/login/", {"login": email, "password": password})

    def _open(self, request: Request) -> Page:
        try:
            with self.opener.open(request, timeout=60) as answer:
                return Page(answer.status, answer.url, answer.read().decode())
        except HTTPError as error:
            return Page(error.code, error.url, error.read().decode())
