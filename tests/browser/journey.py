"""One journey: the scene, a language and a window for everybody in it, and what each page has to stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from accounts.models import User
from tests.browser import stage
from tests.browser.stage import Scene
from tests.factories import PASSWORD

# Milliseconds a journey waits for a worker and for the page to follow it.
SOON = 30_000


@dataclass
class Journey:
    """Acme's and its resellers' people at their browsers, all in one language and one kind of window."""

    browser: Browser
    url: str
    scene: Scene
    language: str
    scheme: str
    width: int
    contexts: list[BrowserContext] = field(default_factory=list)

    def say(self, text: str, plural: str = "", *, number: int = 0, **values: object) -> str:
        """Return what a page says for this English text, in the language of the journey.

        plural: for a text that has one.
        """
        with translation.override(self.language):
            said = translation.ngettext(text, plural, number) if plural else translation.gettext(text)
        assert self.language == "en" or said not in {text, plural}, f"the catalogue does not know {text!r}"
        return said % {"number": number, **values} if number or values else said

    def open(self, **options: Any) -> Page:
        """A browser of its own: someone else's cookies are not in it."""
        context = self.browser.new_context(
            color_scheme=self.scheme,  # type: ignore[arg-type]
            viewport={"width": self.width, "height": 900},
            locale=self.language,
            **options,
        )
        self.contexts.append(context)
        return context.new_page()

    def sit_down(self, person: User, password: str = PASSWORD, **options: Any) -> Page:
        """Someone signs in at a browser of their own."""
        User.objects.filter(pk=person.pk).update(language=self.language)
        page = self.open(**options)
        stage.sign_in(page, self.url, person, password)
        return page

    def go(self, page: Page, path: str) -> None:
        """Open a page of Acme's console, or one at an absolute path."""
        answer = page.goto(self.url + (path if path.startswith("/") else f"/console/acme.example/{path}"))
        assert answer is not None
        assert answer.status == 200, path

    def visit(self, page: Page, path: str) -> None:
        """Open a page and look at it; pages that test_accessibility.py knows need no second look."""
        self.go(page, path)
        self.look(page)

    def look(self, page: Page) -> None:
        """Axe finds nothing, the page is in the language of its reader, and nothing is wider than the window."""
        expect(page.locator("html")).to_have_attribute("lang", self.language)
        stage.axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{page.url} scrolls sideways"

    def link(self, page: Page, text: str) -> Locator:
        return page.locator("main").get_by_role("link", name=self.say(text), exact=True)

    def button(self, page: Page | Locator, text: str, plural: str = "", *, number: int = 0) -> Locator:
        return page.get_by_role("button", name=self.say(text, plural, number=number), exact=True)

    def confirm(self, page: Page | Locator, text: str) -> None:
        """Press a button that says first what it will do, and press it again below what it says."""
        self.button(page, text).click()
        within = page if isinstance(page, Page) else page.page
        self.button(within.get_by_role("dialog"), text).click()

    def close(self) -> None:
        for context in self.contexts:
            context.close()
