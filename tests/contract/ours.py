"""Our packages, read from the installed apps: once, so that no test about the code leaves one out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import Model

ROOT = Path(settings.BASE_DIR)
OURS = tuple(sorted(config.name for config in apps.get_app_configs() if Path(config.path).parent == ROOT))
MODELS: list[type[Model]] = [model for model in apps.get_models() if model._meta.app_label in OURS]
# Those whose models have tables, and migrations.
WITH_TABLES = tuple(name for name in OURS if (ROOT / name / "migrations").is_dir())


def sources(*folders: str) -> list[Path]:
    """Return our Python files, without migrations and tests."""
    paths = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in paths if "migrations" not in path.parts)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls_and_names(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(), str(path)))
