"""The migrated cluster that test servers begin with: of this code, whole, and a copy."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from django.db.migrations.loader import MigrationLoader

from reseller_console.local import migrated, places
from tests import servers


def test_a_server_begins_with_every_migration_of_this_code() -> None:
    kept = migrated.cluster()
    server = servers.migrated_postgres()
    try:
        server.start()
        with closing(psycopg2.connect(server.url())) as session, session.cursor() as cursor:
            cursor.execute("SELECT app, name FROM django_migrations")
            assert set(cursor.fetchall()) == set(MigrationLoader(None).disk_migrations)
            cursor.execute("DELETE FROM django_migrations")
            session.commit()
    finally:
        server.remove()
    assert migrated.cluster() == kept
    assert not (kept / "postmaster.pid").exists(), "it was stopped, and is only ever copied"


def test_other_code_is_another_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("accounts", "subscriptions", "support"):
        shutil.copytree(places.CHECKOUT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(places.CHECKOUT / "requirements.txt", tmp_path)
    found = [migrated.digest()]
    monkeypatch.setattr(places, "CHECKOUT", tmp_path)
    assert migrated.digest() == found[0]
    for name in ("accounts/migrations/0001_initial.py", "accounts/migrations/_indexes.py", "accounts/names.py"):
        with (tmp_path / name).open("a") as code:
            code.write("\n")
        found.append(migrated.digest())
    assert len(set(found)) == 4
