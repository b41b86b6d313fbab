from __future__ import annotations

import gettext
import os
import re
from pathlib import Path

import polib
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from reseller_console.management.commands.compile_translations import compile_file
from reseller_console.translations import languages, merged, path_of, problems, text_of

PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext

# Translators: the verb, on a button
SAVE = _("Save")
LATER = gettext_lazy("Saved by %(name)s")
BRACES = _("{reseller} is closed")
SEATS = ngettext("%(number)s seat", "%(number)s seats", 2)
MONTH = pgettext("month", "May")
not_a_text = print("nothing to translate")
"""
PAGE = """{% load i18n %}<p title="{% translate 'Close the menu' %}">It's "quoted" (and (unbalanced
{{ x|default:_("none") }}
{% blocktranslate trimmed with name=x.name %}
    Hello {{ name }},
    good morning
{% endblocktranslate %}
{% blocktranslate count number=n %}{{ number }} seat{% plural %}{{ number }} seats{% endblocktranslate %}
{% translate "May" context "month" %}</p>
"""
FRENCH = {
    "Save": "Enregistrer",
    "Saved by %(name)s": "Enregistré par %(name)s",
    "{reseller} is closed": "{reseller} est fermé",
    "May": "Mai",
    "Close the menu": "Fermer le menu",
    "none": "aucun",
    "Hello %(name)s, good morning": "Bonjour %(name)s",
}
SEATS = {0: "%(number)s licence", 1: "%(number)s licences"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small project whose French is complete."""
    (tmp_path / "accounts").mkdir()
    (tmp_path / "accounts" / "words.py").write_text(PYTHON)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(PAGE)
    catalogue = merged("fr", tmp_path)
    for entry in catalogue:
        entry.msgstr = FRENCH.get(entry.msgid, "")
        entry.msgstr_plural = dict(SEATS) if entry.msgid_plural else {}
    write(catalogue, tmp_path)
    return tmp_path


def write(catalogue: polib.POFile, root: Path) -> None:
    path_of("fr", root).parent.mkdir(parents=True, exist_ok=True)
    path_of("fr", root).write_text(text_of(catalogue), encoding="utf-8")


def stored(root: Path) -> polib.POFile:
    return polib.pofile(str(path_of("fr", root)), wrapwidth=120)


def change(root: Path, msgid: str) -> tuple[polib.POFile, polib.POEntry]:
    catalogue = stored(root)
    [entry] = [entry for entry in catalogue if entry.msgid == msgid]
    return catalogue, entry


def test_texts_are_found_in_python_and_in_templates(root: Path) -> None:
    catalogue = merged("fr", root)
    texts = {(entry.msgctxt, entry.msgid, entry.msgid_plural) for entry in catalogue}
    assert texts == {
        (None, "Save", ""),
        (None, "Saved by %(name)s", ""),
        (None, "{reseller} is closed", ""),
        (None, "%(number)s seat", "%(number)s seats"),
        ("month", "May", ""),
        (None, "Close the menu", ""),
        (None, "none", ""),
        (None, "Hello %(name)s, good morning", ""),
    }
    [save] = [entry for entry in catalogue if entry.msgid == "Save"]
    assert (save.comment, save.occurrences) == ("Translators: the verb, on a button", [("accounts/words.py", "")])


def test_a_complete_translation_has_no_problem_and_writing_it_again_changes_nothing(root: Path) -> None:
    assert problems("fr", root) == []
    assert text_of(merged("fr", root)) == path_of("fr", root).read_text()


def test_moved_lines_change_nothing(root: Path) -> None:
    (root / "accounts" / "words.py").write_text("\n\n\n" + PYTHON)
    assert problems("fr", root) == []


def test_a_new_text_is_named_and_kept_translations_stay(root: Path) -> None:
    (root / "accounts" / "words.py").write_text(PYTHON + '\nNEW = _("Remove now")\n')
    assert any("make_messages" in problem for problem in problems("fr", root))
    write(merged("fr", root), root)
    assert problems("fr", root) == ["fr: 'Remove now' is not translated"]
    assert change(root, "Save")[1].msgstr == "Enregistrer"


def test_a_text_that_is_used_nowhere_is_named_and_dropped(root: Path) -> None:
    (root / "templates" / "page.html").write_text(PAGE.replace("Close the menu", "Shut the menu"))
    assert "fr: 'Close the menu' is used nowhere" in problems("fr", root)
    again = merged("fr", root)
    assert "Close the menu" not in {entry.msgid for entry in again}
    # Nothing is guessed from a similar text.
    [shut] = [entry for entry in again if entry.msgid == "Shut the menu"]
    assert (shut.msgstr, shut.fuzzy) == ("", False)


def test_a_fuzzy_text_is_named(root: Path) -> None:
    catalogue, entry = change(root, "Save")
    entry.flags.append("fuzzy")
    write(catalogue, root)
    assert any("'Save' is marked fuzzy" in problem for problem in problems("fr", root))


@pytest.mark.parametrize(
    ("msgid", "french"),
    [
        ("Saved by %(name)s", "Enregistré par %(nom)s"),
        ("Saved by %(name)s", "Enregistré"),
        ("{reseller} is closed", "{revendeur} est fermé"),
        ("Save", "Enregistrer %s"),
    ],
)
def test_other_placeholders_are_named(root: Path, msgid: str, french: str) -> None:
    catalogue, entry = change(root, msgid)
    entry.msgstr = french
    write(catalogue, root)
    assert problems("fr", root) == [f"fr: {msgid!r} is translated with other placeholders: {french!r}"]


@pytest.mark.parametrize(("form", "fault"), [("", "lacks a plural form"), ("licences", "other placeholders")])
def test_a_missing_plural_form_and_its_placeholders_are_named(root: Path, form: str, fault: str) -> None:
    catalogue, entry = change(root, "%(number)s seat")
    entry.msgstr_plural[1] = form
    write(catalogue, root)
    [problem] = problems("fr", root)
    assert fault in problem


def test_compiling_writes_what_gettext_reads_and_then_rests(root: Path) -> None:
    source = path_of("fr", root)
    assert compile_file(source)
    with source.with_suffix(".mo").open("rb") as compiled:
        french = gettext.GNUTranslations(compiled)
    assert french.gettext("Save") == "Enregistrer"
    assert french.ngettext("%(number)s seat", "%(number)s seats", 0) == "%(number)s licence"
    assert french.pgettext("month", "May") == "Mai"
    assert not compile_file(source)
    os.utime(source, (1, 1))  # an older version was checked out
    assert compile_file(source)


def test_the_command_fails_with_the_problems(
    root: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "accounts" / "words.py").write_text(PYTHON.replace('"Save"', '"Keep"'))
    settings.BASE_DIR = root
    with pytest.raises(CommandError):
        call_command("check_translations")
    assert "'Save' is used nowhere" in capsys.readouterr().err
    call_command("make_messages")
    assert "1 not translated" in capsys.readouterr().out


def test_french_is_printed_as_french_however_it_was_typed(root: Path) -> None:
    catalogue, entry = change(root, "Save")
    entry.msgstr = "L'accès de « l'agent » : où ? <a href='x'>l'un</a>"
    write(catalogue, root)
    assert any("make_messages" in problem for problem in problems("fr", root))
    write(merged("fr", root), root)
    entry = change(root, "Save")[1]
    assert entry.msgstr == "L’accès de «\u00a0l’agent\u00a0»\u00a0: où\u00a0? <a href='x'>l’un</a>"
    assert problems("fr", root) == []


def test_french_is_what_is_translated() -> None:
    assert languages() == ["fr"]


def test_our_own_translations_are_complete_current_and_certain() -> None:
    assert [problem for language in languages() for problem in problems(language)] == []


def french_texts() -> list[str]:
    return [
        text for entry in polib.pofile(str(path_of("fr"))) for text in (entry.msgstr, *entry.msgstr_plural.values())
    ]


@pytest.mark.parametrize(
    ("french", "is_fine"),
    [
        ("Enregistré par %(name)s", True),
        ("Compte de %(name)s", False),
        ("Ce que <strong>%(name)s</strong> a fait", False),
        ("Fait le %(name)s", True),
    ],
)
def test_in_french_no_name_follows_a_word_that_is_elided_before_a_vowel(
    french: str, *, is_fine: bool, root: Path
) -> None:
    catalogue, entry = change(root, "Saved by %(name)s")
    entry.msgstr = french
    write(catalogue, root)
    assert (problems("fr", root) == []) == is_fine


def test_in_french_one_verb_stands_for_each_deed() -> None:
    """Restored is "restauré", uploaded is "importé"; no English word is left where French has one."""
    wrong = re.compile(r"(?i)\b(worker|serverless|escalad|rétabli(r|s|e)\b|envoyer et vérifier|portail customer)")
    assert [text for text in french_texts() if wrong.search(text)] == []
