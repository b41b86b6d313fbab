"""A text that is put together while modules are imported stays English for everybody: it has to wait for its reader."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("accounts", "subscriptions", "support", "jobs", "web", "api", "demo", "reseller_console")
# Imports every module in a process of its own. A text that is translated by then is printed with the line that did it:
# `%`, `.format`, `str`, `+` or an f-string around a lazy text, or gettext itself, however deep inside a function.
IMPORT_ALL = """
import importlib, sys, traceback
from pathlib import Path
import django
from django.utils import translation

root = Path(sys.argv[1])
def noting(translate):
    def note(*args):
        # Past django.utils, which translates for its caller: Django's own models and forms compare texts of their own.
        caller = next(f for f in traceback.extract_stack()[-2::-1] if "/django/utils/" not in f.filename)
        place = Path(caller.filename)
        if place.is_relative_to(root) and place.relative_to(root).parts[0] in sys.argv[2:]:
            print(f"{place.relative_to(root)}: {caller.line}")
        return translate(*args)
    return note

for name in ("gettext", "ngettext", "pgettext", "npgettext"):
    setattr(translation._trans, name, noting(getattr(translation._trans, name)))
django.setup()
for package in sys.argv[2:]:
    for path in sorted((root / package).rglob("*.py")):
        if not {"migrations", "local", "tests"} & set(path.parts) and path.stem != "__main__":
            importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"))
"""
# One line for each way in which a lazy text is turned into an English one.
TOO_EARLY = """
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy, ngettext_lazy

def hint(number):
    return gettext_lazy("At most %(number)s.") % {"number": number}

class Form:
    percent = hint(3)
    joined = "(" + str(gettext_lazy("optional")) + ")"
    inside = f"{gettext_lazy('Save')}:"
    at_once = gettext("Save")
    in_time = format_lazy("{what}:", what=gettext_lazy("Save"))
    counted = ngettext_lazy("%(number)s line", "%(number)s lines", "number")
"""


def translated_at_import(root: Path, *packages: str) -> list[str]:
    surroundings = {"PYTHONPATH": f"{root}{os.pathsep}{ROOT}", "MEDIA_ROOT": str(settings.MEDIA_ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, str(root), *packages],
        cwd=ROOT,
        env=os.environ | surroundings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_no_text_is_translated_while_modules_are_imported() -> None:
    assert translated_at_import(ROOT, *PACKAGES) == []


def test_each_way_of_being_too_early_is_found(tmp_path: Path) -> None:
    (tmp_path / "early").mkdir()
    (tmp_path / "early" / "forms.py").write_text(TOO_EARLY)
    found = translated_at_import(tmp_path, "early")
    assert [line.partition(": ")[2].split(" ")[0] for line in found] == ["return", "joined", "inside", "at_once"]
