"""From the bytes of an uploaded file to its text, and from text that another program spoiled to a warning."""

from __future__ import annotations

import codecs

from django.utils.translation import gettext as _

from accounts.errors import Refused

# Bytes and lines of one file. 100,000 people with long names stay below 10 MiB.
SIZE_AT_MOST = 10 * 1024 * 1024
LINES_AT_MOST = 100_000
# What other programs begin their files with: zipped workbooks, and those of the nineties.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARK = "\ufeff"
# Windows-1252 as browsers read it: what it leaves open is the control character of that number.
_WINDOWS = {ord(bytes([byte]).decode("cp1252", "ignore") or chr(byte)): byte for byte in range(0x80, 0xA0)}


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with a byte order mark. Raises Refused.

    Marks in front are left out, also where a program put a second one there. Nothing else is guessed: a wrong guess
    writes spoiled names into a directory, and nobody notices.
    """
    if len(content) > SIZE_AT_MOST:
        raise Refused(_("A file has at most 10 MB. Split it into several."), "file")
    if content.startswith(_WORKBOOKS):
        raise Refused(_("This is a workbook and not CSV. Save it as “CSV UTF-8” and choose that file."), "file")
    wide = content.startswith(_UTF_16)
    if not wide:
        _refuse_nul(content)
    try:
        text = content.decode("utf-16" if wide else "utf-8-sig").lstrip(_MARK)
    except UnicodeDecodeError as error:
        raise Refused(_undecodable(content, error), "file") from error
    if wide:
        _refuse_nul(text.encode())
    if not text.strip():
        raise Refused(_("The file is empty."), "file")
    # Lines as records.py finds them: some programs still end theirs with a carriage return alone.
    if text.count("\n") + text.count("\r") - text.count("\r\n") > LINES_AT_MOST + 1:
        raise Refused(_("A file has at most 100,000 lines. Split it into several."), "file")
    return text


def _refuse_nul(content: bytes) -> None:
    """Refuse what no text contains and no database takes: a picture, or UTF-16 without its mark."""
    if b"\x00" in content:
        line = content.count(b"\n", 0, content.index(b"\x00")) + 1
        text = _("Line %(line)s contains a NUL character, so this is no text file. Save it as “CSV UTF-8”.")
        raise Refused(text % {"line": line}, "file")


def _undecodable(content: bytes, error: UnicodeDecodeError) -> str:
    if error.encoding.startswith("utf-16"):
        return _("The file begins as UTF-16 and is damaged further on. Save it as “CSV UTF-8” and try again.")
    # The codec that skips the mark counts behind it.
    begin = error.start + (len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0)
    values = {
        "line": content.count(b"\n", 0, begin) + 1,
        "place": begin - content.rfind(b"\n", 0, begin),
        "byte": f"0x{content[begin]:02X}",
    }
    return (
        _("Line %(line)s is not UTF-8: byte %(place)s of it is %(byte)s. Save the file as “CSV UTF-8” and try again.")
        % values
    )


def unspoiled(cell: str) -> str:
    """Return what a text was before a program read its UTF-8 as Windows-1252 or Mac Roman; empty for a good one.

    Only a guess, for a warning: "MÃ¼ller" could be someone’s name.
    """
    if cell.isascii():
        return ""
    for encoding in ("latin-1", "mac_roman"):
        # In Mac Roman two accented capitals can be UTF-8 by chance; with a root sign between letters nobody is called.
        if encoding == "mac_roman" and "√" not in cell:
            continue
        try:
            return (cell.translate(_WINDOWS) if encoding == "latin-1" else cell).encode(encoding).decode()
        except UnicodeError:
            continue
    return ""
