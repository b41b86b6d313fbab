"""Names are text that a person can read (P10): cleaned, compared, ordered and searched the same on every page."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

from anyascii import anyascii
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.domains import INVISIBLE, stored_part
from accounts.errors import Refused
from accounts.models import Address

# Letters that are shown as nothing, and code points that stand for no character.
_NOTHING = re.compile(f"[{INVISIBLE}\ufff9-\ufffc\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U0001d159]")
_BLANKS = re.compile("\u2800")  # the empty cell of Braille: a space
_ZERO_WIDTH_NON_JOINER, _ZERO_WIDTH_JOINER, _PICTURE_OR_TEXT = "\u200c", "\u200d", "\ufe0e\ufe0f"
# Scripts whose letters join: Arabic and its relatives, Mongolian, those of India and South-East Asia.
_JOINING = re.compile(
    "[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uabff\ufb50-\ufdcf\ufdf0-\ufdff"
    "\ufe70-\ufefc\U00010a00-\U00010fff\U00011000-\U00011fff\U0001e900-\U0001e95f]"
)
_PICTURE = re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]")
_KEYCAP = re.compile("[#*0-9]")
_CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_VARIANT_OF_CHINESE = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_RIGHT_TO_LEFT = {"R", "AL", "AN"}  # letters of Hebrew, of Arabic, and Arabic digits
_MONGOLIAN, _VARIANT_OF_MONGOLIAN = re.compile("[\u1820-\u18aa]"), re.compile("[\u180b-\u180f]")


def readable(text: str) -> str:
    """Return text as a person can read it, in one spelling; empty where nobody would see anything.

    NFC, spaces collapsed; without control characters, overrides of the direction, blank letters and whatever is shown
    as nothing, but for what the scripts of the world and pictures need.
    """
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = " ".join(_BLANKS.sub(" ", unicodedata.normalize("NFC", text)).split())
    # A letter and its mark may have been kept apart by what is gone now, and so may two spaces.
    text = " ".join(unicodedata.normalize("NFC", _visible(text)).split())
    return text if any(unicodedata.category(character)[0] in "LNPS" for character in text) else ""


def clean_text(text: str, field: str, max_length: int = 2_000) -> str:
    """Return a reason as it is stored: lines that a person can read. Raises Refused for one that says nothing."""
    lines = [readable(line) for line in text.splitlines()]
    text = "\n".join(lines).strip()
    if not text:
        raise Refused(_("Give a reason in words."), field)
    if len(text) > max_length:
        raise Refused(_("Write at most %(number)s characters.") % {"number": max_length}, field)
    return text


def readable_file_name(name: str, longest: int) -> str:
    """Return the name of a file to show and to offer on download: no path, nothing that systems forbid, its ending."""
    name = readable(re.split(r"[/\\]", name)[-1])
    name = "".join(character for character in name if character not in '<>:"|?*').strip(" .")
    stem, dot, ending = name.rpartition(".")
    if len(name) > longest:
        name = f"{stem[: max(longest - len(ending) - 1, 0)]}{dot}{ending}"[:longest]
    return name or "file"


def _visible(text: str) -> str:
    kept = [""]
    for character, following in pairwise([*text, ""]):
        hidden = _NOTHING.match(character) or unicodedata.category(character) == "Cc"
        if not hidden or _is_needed(kept[-1], character, following):
            kept.append(character)
    return "".join(kept)


def _is_needed(before: str, character: str, after: str) -> bool:
    """Tell whether a script, or a picture, needs a character that is shown as nothing by itself."""
    if character == _ZERO_WIDTH_NON_JOINER:
        return bool(_JOINING.match(before) and _JOINING.match(after))
    if character == _ZERO_WIDTH_JOINER:
        pictures = (_PICTURE.match(before) or before == _PICTURE_OR_TEXT[-1]) and _PICTURE.match(after)
        return bool(_JOINING.match(before) or pictures)
    if _VARIANT_OF_MONGOLIAN.match(character):
        return bool(_MONGOLIAN.match(before))
    if character in _PICTURE_OR_TEXT and (_PICTURE.match(before) or _KEYCAP.match(before)):
        return True
    return bool(_VARIANT_OF_CHINESE.match(character) and _CHINESE.match(before))


def isolated(name: object) -> str:
    """Return a name for a text that holds no markup: one read from right to left moves nothing around it (P10).

    Pages use `<bdi>` where they can; other names need nothing, and stay what they are.
    """
    text = str(name)
    if text.isascii() or not any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        return text
    return f"\u2068{text}\u2069"


def storable(text: str) -> str:
    """Return what PostgreSQL can hold of a text that was typed to find something: it has no NUL."""
    return text.replace("\x00", "")


_LITERALLY = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


def anywhere(text: str) -> str:
    """Return the pattern of LIKE for a text anywhere."""
    return f"%{text.translate(_LITERALLY)}%"


def at_the_beginning(text: str) -> str:
    """Return the pattern of LIKE for what begins with a text."""
    return f"{text.translate(_LITERALLY)}%"


def most_marks(text: str) -> int:
    """Return how many marks stand on one letter at most: painted over each other they hide the lines around them."""
    most = marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        most = max(most, marks)
    return most


def name_key(name: str) -> str:
    """Return what two names have in common that are the same name: NFC, in one case, spaces collapsed (P10).

    Never the sort key: Zoe and Zoë are two names.
    """
    folded = unicodedata.normalize("NFC", name).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


def sort_key(name: str) -> str:
    """Return `name` without case, accents and surplus spaces, as it is stored for order and search.

    Latin letters that are no letter and accent become plain ones too: ł is found as l, ø as o, ß as ss. Other scripts
    stay what they are. The embedded PostgreSQL has no ICU collations, so the key is made here.
    """
    decomposed = unicodedata.normalize("NFKD", _NOTHING.sub("", name).casefold())
    return " ".join("".join(map(_plain, decomposed)).split())


@lru_cache(maxsize=10_000)
def _plain(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.combining(character):
        return ""
    is_latin = unicodedata.name(character, "").startswith("LATIN ")
    return anyascii(character).casefold() if is_latin or unicodedata.category(character)[0] == "P" else character


def named(text: str, of: str = "") -> Q:
    """Return the condition that a text is a part of a name or of an address, in any case, with or without accents.

    of: whose, as a relation from the rows ("subgroup__").
    """
    return Q(**{f"{of}sort_name__contains": sort_key(text)}) | Q(**{f"{of}email__contains": stored_part(text)})


def person_named(text: str, of: str = "") -> Q:
    """Return the same for people, whose aliases count from their beginning: for that there is an index.

    of: whose, as a relation from the rows ("user__").
    """
    aliases = Address.objects.filter(email__startswith=stored_part(text), user__isnull=False).values("user")
    return named(text, of) | Q(**{f"{of}pk__in": aliases})
