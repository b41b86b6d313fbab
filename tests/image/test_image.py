"""The production image works: every service of docker-compose.yml, from the image's own files, behind the front.

`.ci/run` builds the image and names it in IMAGE; `make image RELEASE=try && IMAGE=reseller-console:try make test
ARGS=tests/image` does the same by hand, with buildah and nginx.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from reseller_console.local import places, processes
from reseller_console.local.postgres import APPLICATION, OWNER, SEALER, Postgres, make_roles
from reseller_console.local.valkey import Valkey, free_port
from tests import servers
from tests.browser import stage
from tests.factories import PASSWORD
from tests.front.nginx import HOST, Front, ask
from tests.image.browser import Browser
from tests.image.containers import Containers
from tests.reseller_console.compose import OF_ONE, OURS, services
from tests.web.console.access_page import Page, box

IMAGE = os.environ.get("IMAGE", "")
# Where the image sees the socket of PostgreSQL.
SOCKETS = "/run/postgresql"
# Seconds until everything answers, or a change is in effect.
SOON = 120.0
ACCESS = "/console/acme.example/account/reseller-access/"

pytestmark = pytest.mark.skipif(not IMAGE, reason="IMAGE names no image of buildah's; .ci/run builds one")


def eventually(what: Callable[[], bool], said: Callable[[], str]) -> None:
    deadline = time.monotonic() + SOON
    while not what():
        if time.monotonic() > deadline:
            pytest.fail(f"it did not come true:\n{said()}")
        time.sleep(0.5)


@pytest.fixture
def postgres(transactional_db: None) -> Iterator[Postgres]:
    """A PostgreSQL of its own with an empty database, whose socket the image's account may use."""
    server = Postgres(places.temporary(processes.server_account()), for_tests=True)
    try:
        server.start()
        server.create_database()
        make_roles(server.url())
        server.directory.chmod(0o711)
        (server.directory / ".s.PGSQL.5432").chmod(0o777)
        with servers.database_at(server):
            yield server
    finally:
        server.remove()


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    server = Valkey(places.temporary(None))
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def front() -> Iterator[Front]:
    front = Front([free_port(), free_port()])
    yield front
    front.stop()


@pytest.fixture
def containers(postgres: Postgres, valkey: Valkey, front: Front, tmp_path: Path) -> Iterator[Containers]:
    """The environment of docker-compose.yml, with the addresses of these servers; changes are due within a second."""
    environment = {name: str(value) for name, value in services()["web"]["environment"].items()} | {
        "DATABASE_URL": f"postgresql://{APPLICATION}@/reseller_console?host={SOCKETS}",
        "REDIS_URL": valkey.url,
        "ALLOWED_HOSTS": HOST,
        "CONSOLE_URL": f"https://{HOST}:{front.https_port}",
        "ACCESS_PROPAGATION_MEDIAN": "1",
        "ACCESS_PROPAGATION_MAX": "10",
        "ACCESS_SWEEP_INTERVAL": "1",
    }
    started = Containers(IMAGE, tmp_path, environment, {SOCKETS: postgres.directory})
    yield started
    started.remove()


def start_everything(containers: Containers, front: Front) -> None:
    """As `docker compose up` does: migrations to their end, then the others."""
    compose = services()
    owner = {"DATABASE_OWNER_URL": f"postgresql://{OWNER}@/reseller_console?host={SOCKETS}"}
    containers.run(compose["migrate"]["command"], owner)
    for name in sorted(OURS - {"migrate"}):
        if name.startswith("web"):
            port = front.webs[name != "web"]
            command = [part.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for part in containers.command()]
        else:
            command = [part.replace("$$", "$") for part in compose[name]["command"]]
            command += ["--hostname", f"{name}@{HOST}"] if "worker" in name else []
        told = {key: str(compose[name]["environment"][key]) for key, service in OF_ONE.items() if service == name}
        if name == "sealer":
            told |= {
                "DATABASE_URL": "",
                "DATABASE_SEALER_URL": f"postgresql://{SEALER}@/reseller_console?host={SOCKETS}",
            }
        containers.start(name, command, told)
    front.start()


def test_the_image_signs_somebody_in_over_https_and_a_change_of_access_takes_effect(
    containers: Containers, front: Front
) -> None:
    start_everything(containers, front)
    connection.close()
    eventually(lambda: ask(front.connect_inside(), "/health/ready").status == 200, containers.said)

    scene = stage.build()
    address = f"https://{HOST}:{front.https_port}"
    alice, rosa = Browser(address, front.trusted), Browser(address, front.trusted)
    assert alice.sign_in(scene.alice.email, "not-it").url.endswith("/accounts/login/")
    assert alice.sign_in(scene.alice.email, PASSWORD).url == f"{address}/console/acme.example/"
    assert rosa.sign_in(scene.rosa.email, PASSWORD).status == 200

    def open_to_rosa() -> bool:
        status = rosa.get("/reseller/customers/acme.example/enter/").status
        assert status in {200, 403}, containers.said()
        return status == 200

    def save(*, allowed: bool) -> None:
        page = Page(None, ACCESS, html=alice.get(ACCESS).html)  # type: ignore[arg-type]  # it sends nothing
        page.tick(box(scene.resale), off=not allowed)
        assert alice.post(ACCESS, page.form() | {"confirmed": "1"}).status == 200

    assert open_to_rosa()
    save(allowed=False)
    eventually(lambda: not open_to_rosa(), containers.said)
    save(allowed=True)
    eventually(open_to_rosa, containers.said)
    # The sealer writes where the image has its place.
    eventually(lambda: json.loads(ask(front.connect_inside(), "/health/ready").body)["seals"] == "ok", containers.said)
    assert "Traceback" not in containers.said()


def test_what_is_in_the_image_is_the_installed_apps_and_no_more(containers: Containers) -> None:
    shown = "import json, os; print(json.dumps(sorted(os.listdir('/app'))))"
    found = set(json.loads(containers.run(["python", "-c", shown])))
    ours = {config.name for config in apps.get_app_configs() if Path(config.path).parent == places.CHECKOUT}
    files = {
        "deploy",
        "manage.py",
        "requirements-documents.txt",
        "requirements.txt",
        "locale",
        "static",
        "staticfiles",
        "templates",
    }
    assert found == ours | files
    with pytest.raises(Exception, match="exit status"):
        containers.run(["touch", "/app/changed"])
    assert containers.run(["id", "--user", "--name"]) == "console"
