"""Collects the texts to translate and judges their translations, without GNU gettext."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import polib
from babel.messages.extract import extract
from django.conf import settings
from django.utils.translation.template import templatize

# Where texts of ours are; what is not there yet is no error.
PACKAGES = ("accounts", "api", "demo", "jobs", "reseller_console", "subscriptions", "support", "web")
TEMPLATES = "templates"
# The functions of django.utils.translation, and which of their arguments are texts; `c` marks the context.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
# Notes for translators begin with this, in Python and in templates.
COMMENT_TAG = "Translators"
WIDTH = 120
METADATA = {
    "Project-Id-Version": "reseller-console",
    "Language": "fr",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    # Zero is singular in French.
    "Plural-Forms": "nplurals=2; plural=(n > 1);",
}
# French typography: the curly apostrophe, and no line break beside these signs. Typed plainly, written rightly.
_FRENCH = (
    (re.compile(r"(?<=\w)'(?=[\w%{<«])"), "’"),
    (re.compile(r"(?<=[^\s\u00a0]) (?=[:;?!»])"), "\u00a0"),
    (re.compile(r"(?<=«) "), "\u00a0"),
)
# These French words lose their vowel before another one, so no name may follow them; numbers may.
_ELIDED = re.compile(r"(?i)\b(?:de|que|jusque|lorsque|puisque|ne|se)\s(?:<[^>]+>|«\u00a0)?(?:%\((\w+)\)s|\{(\w+)\})")
_NUMBERS = frozenset({"number", "months", "count", "seats", "size", "limit", "value", "total", "tries", "used"})
# The vendor's name is one setting, and with its default the domain's own words are right: "auprès de Google".
_VENDOR = frozenset({"vendor_name", "vendor"})
# %(name)s, %s and {name}: whatever is filled in when the text is shown.
_PLACEHOLDERS = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")

Identity = tuple[str | None, str]  # context, text


def path_of(language: str, root: Path | None = None) -> Path:
    """Return where the translations into a language are."""
    return (root or settings.BASE_DIR) / "locale" / language / "LC_MESSAGES" / "django.po"


def languages() -> list[str]:
    """Return the languages that texts are translated into: all but the one they are written in."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def collect(root: Path | None = None) -> polib.POFile:
    """Return every text of our packages and templates, untranslated, in the order of the alphabet."""
    root = root or settings.BASE_DIR
    found: dict[Identity, polib.POEntry] = {}
    for path in _sources(root):
        place = path.relative_to(root).as_posix()
        for entry in _texts(path):
            known = found.setdefault((entry.msgctxt, entry.msgid), entry)
            known.msgid_plural = known.msgid_plural or entry.msgid_plural
            # Files without line numbers: otherwise every edit would change this file too.
            if (place, "") not in known.occurrences:
                known.occurrences.append((place, ""))
            if entry.comment and entry.comment not in known.comment:
                known.comment = "\n".join(filter(None, [known.comment, entry.comment]))
    catalogue = polib.POFile(wrapwidth=WIDTH)
    catalogue.header = "Written by `manage.py make_messages`: edit the translations only."
    catalogue.metadata = dict(METADATA)
    catalogue.extend(found[key] for key in sorted(found, key=lambda key: (key[1], key[0] or "")))
    return catalogue


def merged(language: str, root: Path | None = None) -> polib.POFile:
    """Return the texts of today with the translations there are.

    Nothing is guessed: a text that changed by one letter is a new text. What is not used any more is left out.
    """
    catalogue = collect(root)
    catalogue.metadata["Language"] = language
    path = path_of(language, root)
    if path.exists():
        old = {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(path)) if not entry.obsolete}
        for entry in catalogue:
            if before := old.get((entry.msgctxt, entry.msgid)):
                _take_over(before, entry)
                if language == "fr":
                    _set_in_french(entry)
    return catalogue


def problems(language: str, root: Path | None = None) -> list[str]:
    """Return what is wrong with a translation, in sentences; nothing when it is complete."""
    path = path_of(language, root)
    if not path.exists():
        return [f"{language}: there is no file"]
    stored = polib.pofile(str(path), wrapwidth=WIDTH)
    found = []
    if path.read_text(encoding="utf-8") != text_of(merged(language, root)):
        found.append(f"{language}: the file is not what `manage.py make_messages` writes: run it")
    found += [f"{language}: {entry.msgid!r} {fault}" for entry in stored for fault in _faults(entry)]
    if language == "fr":
        found += [
            f"fr: {entry.msgid!r}: a name that begins with a vowel asks for d’ or qu’" for entry in _unelided(stored)
        ]
    current = {(entry.msgctxt, entry.msgid) for entry in collect(root)}
    stale = [entry for entry in stored if (entry.msgctxt, entry.msgid) not in current]
    return [*found, *(f"{language}: {entry.msgid!r} is used nowhere" for entry in stale if not entry.obsolete)]


def text_of(catalogue: polib.POFile) -> str:
    """Return a file of translations as it is written."""
    return f"{catalogue}".rstrip("\n") + "\n"


def _sources(root: Path) -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((root / package).rglob("*.py"))
    for folder in (TEMPLATES, *(f"{package}/{TEMPLATES}" for package in PACKAGES)):
        yield from sorted(path for path in (root / folder).rglob("*") if path.suffix in (".html", ".txt"))


def _texts(path: Path) -> Iterator[polib.POEntry]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # What templatize leaves of the page is no Python block: without indentation it can be read as lines of it.
        source = "\n".join(line.lstrip() for line in templatize(source, str(path)).splitlines())
    file = io.BytesIO(source.encode())
    for _line, message, comments, context in extract("python", file, KEYWORDS, [COMMENT_TAG]):
        singular, plural = message if isinstance(message, tuple) else (message, "")
        entry = polib.POEntry(msgid=singular, msgid_plural=plural, msgctxt=context, comment="\n".join(comments))
        if re.search(r"%\(\w+\)[a-z]|%[sd]", singular + plural):
            entry.flags.append("python-format")
        yield entry


def _take_over(before: polib.POEntry, entry: polib.POEntry) -> None:
    if bool(before.msgid_plural) == bool(entry.msgid_plural):
        entry.msgstr = before.msgstr
        entry.msgstr_plural = before.msgstr_plural
    entry.tcomment = before.tcomment
    entry.flags += [flag for flag in before.flags if flag not in entry.flags and flag != "python-format"]


def _set_in_french(entry: polib.POEntry) -> None:
    """Write apostrophes and spaces as French printers do, however they were typed."""
    for sign, printed in _FRENCH:
        entry.msgstr = sign.sub(printed, entry.msgstr)
        entry.msgstr_plural = {number: sign.sub(printed, text) for number, text in entry.msgstr_plural.items()}


def _unelided(catalogue: polib.POFile) -> Iterator[polib.POEntry]:
    for entry in catalogue:
        texts = (entry.msgstr, *entry.msgstr_plural.values())
        if {one or two for text in texts for one, two in _ELIDED.findall(text)} - _NUMBERS - _VENDOR:
            yield entry


def _faults(entry: polib.POEntry) -> Iterator[str]:
    if entry.obsolete:
        yield "is kept although it is used nowhere"
        return
    if entry.fuzzy:
        yield "is marked fuzzy: check it and take the mark away"
    forms = [entry.msgstr_plural.get(number, "") for number in range(2)] if entry.msgid_plural else [entry.msgstr]
    if not all(forms):
        yield "lacks a plural form" if any(forms) else "is not translated"
    wanted = [set(_PLACEHOLDERS.findall(text)) for text in (entry.msgid, entry.msgid_plural) if text]
    for form in filter(None, forms):
        if set(_PLACEHOLDERS.findall(form)) not in wanted:
            yield f"is translated with other placeholders: {form!r}"
