"""Every page of the table in French: nothing on it is English, neither a text of the catalogue nor one beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import polib
import pytest
from django.test import Client

from accounts.models import User
from reseller_console.translations import path_of
from tests.contract import matrix
from tests.contract.answers import letter_of, url_of
from tests.contract.crawl import content_of
from tests.contract.matrix import Line
from tests.contract.world import World

# Names of resources, methods and parameters are those of the documents (tests/reseller_console/test_api_reference.py).
OF_THE_DOCUMENTS = {"reference_of"}
LINES = [line for line in matrix.lines() if line.method == "GET" and line.name not in OF_THE_DOCUMENTS]
# What a reader reads that stands in no text node.
ATTRIBUTES = ("alt", "aria-label", "data-label", "label", "placeholder", "title")
# Words that no French sentence has.
ENGLISH = re.compile(
    r"\b(the|and|of|with|your|you|this|that|these|is|are|was|were|has|have|not|by|from|for|will|can|each|it|its|their"
    r"|which|whose|when|who|how|what|at|to|since|until|here|yet)\b",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
# Names of the world of the tests, and what is English in every language, each with what it is.
AS_THEY_ARE = {
    "Too much spam": "the title of a case",
    "Since Monday.": "its description",
    "English": "the name of the language in itself",
    "Customer Care Portal": "a name",
    "Bank of Examples": "the bank of a payment account",
    "The printer of the front desk": "the reason for entering a console",
    "The contract names it": "the reason for which an operator verified a domain",
    "They called from the number that we know.": "the reason for which a lost factor is reset",
    "Isle of Man": "a time zone",
    "Port of Spain": "a time zone",
    "Enter an e-mail address, for example ana@example.com.": "stored with a line of a file, in the language of then",
}
# The name of a group, and the titles of columns, which are the same in every language.
ALONE = {"Team", "name", "kind", "model", "user"}


class Reader(HTMLParser):
    """Collects what a page says, piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.unread = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style"):
            self.unread = tag
        self.said += [value for name, value in attrs if name in ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        if tag == self.unread:
            self.unread = ""

    def handle_data(self, data: str) -> None:
        if text := " ".join(data.split()):
            self.said += [] if self.unread else [text]


def said_on(page: str) -> list[str]:
    reader = Reader()
    reader.feed(page)
    return reader.said


def english_texts() -> tuple[set[str], list[re.Pattern[str]]]:
    """Return the English texts whose French is another: whole ones, and patterns of those with placeholders."""
    french, whole, patterns = set(), set(), []
    for entry in polib.pofile(str(path_of("fr"))):
        translated = {entry.msgstr, *entry.msgstr_plural.values()}
        french |= translated
        for text in {entry.msgid, entry.msgid_plural} - translated - {""}:
            if not PLACEHOLDER.search(text):
                whole |= {
                    " ".join(piece.split()) for piece in re.split(r"<[^>]+>", text) if len(piece.split()) > 1
                } or {text}
            elif len(re.findall(r"\w{3,}", PLACEHOLDER.sub("", text))) > 1:
                patterns.append(re.compile(".+".join(map(re.escape, PLACEHOLDER.split(text)))))
    return whole - french, patterns


WHOLE, PATTERNS = english_texts()


def english_in(page: str) -> Iterator[str]:
    """Name each piece of a page that is English."""
    for text in said_on(page):
        rest = text
        for known in AS_THEY_ARE:
            rest = rest.replace(known, "")
        if (
            rest.strip()
            and text not in ALONE
            and (rest in WHOLE or ENGLISH.search(rest) or any(pattern.fullmatch(rest) for pattern in PATTERNS))
        ):
            yield text


@pytest.mark.parametrize("line", LINES, ids=[line.name for line in LINES])
def test_a_page_in_french_says_nothing_in_english(line: Line, db: None, world: World) -> None:
    User.objects.update(language="fr")
    url, found = url_of(line.name, world), []
    for group, letters in zip(
        [group for group, _ in matrix.COLUMNS], matrix.spelled(line.letters).split(), strict=True
    ):
        roles = dict(matrix.COLUMNS)[group]
        # One person of each group for each answer: what differs between them is what is offered.
        for letter in sorted(set(letters) - {"L"}):
            client: Client = world.client(group, roles[letters.index(letter)])
            response = client.get(url, headers={"accept-language": "fr"})
            if response.headers.get("Content-Type", "").startswith("text/html") and letter_of(response) != "E":
                page = content_of(response).decode()
                found += [f"{group}, {letter}: {text}" for text in english_in(page)]
    assert not found, "\n".join(sorted(set(found)))


def test_what_is_english_is_found() -> None:
    """The fault this file is for: a text that was put together before its reader was known."""
    said = "Up to 10 files of 25 MB each. Cookies, authorization headers and tokens in HAR files are removed"
    assert list(english_in(f"<p>{said}</p>")) == [said]
    assert list(english_in('<a title="Save preferences">Enregistrer</a>')) == ["Save preferences"]
    assert list(english_in("<p>Remove the access of Acme now?</p>")) == ["Remove the access of Acme now?"]
    assert not list(english_in("<p>Enregistrer les préférences</p><script>the words of code</script>"))
