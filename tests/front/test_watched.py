"""What is told to those who watch: by web servers of several processes, behind a front, to a Prometheus."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from accounts.mail import post
from accounts.organisations import VENDOR
from accounts.roles import Role
from reseller_console.local import processes
from reseller_console.local.postgres import Postgres
from reseller_console.local.processes import Child
from reseller_console.local.valkey import free_port
from subscriptions.access import timing
from subscriptions.models import AccessChange
from tests import servers
from tests.access.boxes import own, save
from tests.access.world import make_world
from tests.factories import put_person
from tests.faults.crowd import another_session, eventually
from tests.front.nginx import Front, ask
from tests.front.webs import Web
from tests.prometheus import Prometheus
from tests.reseller_console.compose import services
from tests.reseller_console.metrics import SHOWN, TOKEN, Series, parsed, value
from tests.servers import READY_LIMIT, CeleryWorker

StartFront = Callable[..., Front]
StartWeb = Callable[..., Web]
PAGE = "/accounts/login/"
LOGGED = {"page": "account_login", "status": "200"}
WATCHED = {"METRICS_TOKEN": TOKEN, "LOG_FORMAT": "json", "LOG_LEVEL": "INFO"}


def scrape(web: Web) -> dict[Series, float]:
    answer = ask(web.connect(), "/metrics", headers=SHOWN)
    assert answer.status == 200
    return parsed(answer.body.decode())


def processes_of(web: Web) -> list[psutil.Process]:
    return psutil.Process(web.pid).children()


# --- Several processes ----------------------------------------------------------------------------------


def test_all_processes_of_a_web_server_count_together_also_those_that_are_gone(start_web: StartWeb) -> None:
    web = start_web(WEB_CONCURRENCY="2", **WATCHED)
    eventually(lambda: len(processes_of(web)) == 2)
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status for answer in pool.map(lambda _: ask(web.connect(), PAGE), range(40))} == {200}
    found = scrape(web)
    assert value(found, "console_requests_total", **LOGGED) == 40
    assert value(found, "console_request_duration_seconds_count", page="account_login") == 40
    assert value(found, "console_requests_in_progress") == 0

    with held_up(web):
        eventually(lambda: value(scrape(web), "console_requests_in_progress") == 1)
        for process in processes_of(web):
            process.kill()
    eventually(lambda: is_answered(web))
    found = scrape(web)
    assert value(found, "console_requests_in_progress") == 0, "what was under way is over"
    assert value(found, "console_requests_total", **LOGGED) == 40, "and what was counted is not lost"
    assert ask(web.connect(), PAGE).status == 200
    assert value(scrape(web), "console_requests_total", **LOGGED) == 41

    place = place_of(web)
    living = {str(process.pid) for process in processes_of(web)}
    assert {file.stem.rpartition("_")[2] for file in place.glob("*.db")} <= living | {"gone"}
    web.stop()
    assert not place.exists()


def place_of(web: Web) -> Path:
    """Where the processes of a web server count, from the files that they have open."""
    [place] = {
        Path(mapped.path).parent
        for process in processes_of(web)
        for mapped in process.memory_maps()
        if mapped.path.endswith(".db") and "metrics-" in mapped.path
    }
    return place


@contextmanager
def held_up(web: Web) -> Iterator[None]:
    """A block in which one page waits for a lock, for the two seconds that it does, or until its process dies."""
    with another_session() as other, other.cursor() as cursor, ThreadPoolExecutor(1) as pool:
        cursor.execute("LOCK TABLE django_session")
        asking = pool.submit(ask, web.connect(), PAGE, headers={"Cookie": f"sessionid={'a' * 32}"})
        yield
        asking.exception(timeout=60)
        other.rollback()


def is_answered(web: Web) -> bool:
    try:
        return ask(web.connect(), "/health/live").status == 200
    except OSError:
        return False


def test_with_the_database_away_a_web_server_tells_what_it_has_counted(
    private_postgres: Postgres, start_web: StartWeb
) -> None:
    web = start_web(**WATCHED)
    assert ask(web.connect(), PAGE).status == 200
    assert value(scrape(web), "console_database_up") == 1
    private_postgres.stop()
    ask(web.connect(), PAGE)
    found = scrape(web)
    assert value(found, "console_database_up") == 0
    assert value(found, "console_requests_total", **LOGGED) >= 1
    assert not [name for name, _labels in found if "mail" in name]
    private_postgres.start()
    eventually(lambda: value(scrape(web), "console_database_up") == 1)


# --- Behind the front -----------------------------------------------------------------------------------


def test_nobody_reaches_the_metrics_from_outside(start_front: StartFront, start_web: StartWeb) -> None:
    front = start_front(start_web(**WATCHED).port)
    for path in ("/metrics", "/metrics/", "//metrics", "/%6detrics", "/a/../metrics", "/web/metrics", "/metrics?x=1"):
        for connection in (front.connect(), front.connect_securely()):
            assert ask(connection, path, headers=SHOWN).status == 404, path
    for path in ("/web/metrics", "/web-2/metrics"):
        assert ask(front.connect_inside(), path, headers=SHOWN).status == 200
        assert ask(front.connect_inside(), path).status == 404
    assert ask(front.connect_inside(), "/metrics", headers=SHOWN).status == 404


def test_a_request_has_one_number_in_the_front_in_the_log_and_in_its_answer(
    start_front: StartFront, start_web: StartWeb
) -> None:
    web = start_web(**WATCHED)
    front = start_front(web.port)
    claimed = "claimed-by-a-client-0123456789"
    answer = ask(front.connect_securely(), PAGE, headers={"X-Request-ID": claimed})
    number = answer.headers["X-Request-ID"]
    assert re.fullmatch(r"[0-9a-f]{32}", number)
    assert f"GET {PAGE} 200" in front.log()
    assert number in front.log()
    lines = [json.loads(line) for line in web.log.read_text().splitlines()]
    assert [line["page"] for line in lines if line.get("request_id") == number] == ["account_login"]
    assert claimed not in web.log.read_text() + front.log()


def test_every_line_of_a_web_server_is_an_object(start_web: StartWeb) -> None:
    """gunicorn's own too, from its start to its end."""
    web = start_web(**WATCHED)
    ask(web.connect(), PAGE)
    web.stop()
    lines = [json.loads(line) for line in web.log.read_text().splitlines()]
    assert {"gunicorn.error", "reseller_console.metrics.measuring"} <= {line["logger"] for line in lines}
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)


@pytest.fixture
def start_service(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Starts what Compose starts under a name; returns its log."""
    started: list[Child] = []

    def start(name: str) -> Path:
        log = tmp_path / f"{name}.log"
        command = [sys.executable, "-m", *services()[name]["command"]]
        started.append(servers.started(command, log, {**servers.SWEEPS, **WATCHED}))
        return log

    yield start
    for child in started:
        processes.stop(child)


def test_every_line_of_workers_and_scheduler_is_an_object_that_names_its_task(
    transactional_db: None, start_service: Callable[[str], Path]
) -> None:
    post.queue("password_reset", [put_person(VENDOR, Role.SUPER_ADMIN)], nudge=False)
    logs = [start_service("mail-worker"), start_service("beat")]
    eventually(lambda: "mail: 1 done" in logs[0].read_text(), within=READY_LIMIT)
    lines = [json.loads(line) for log in logs for line in log.read_text().splitlines()]
    [done] = [line for line in lines if line["message"].startswith("mail: 1 done")]
    assert done["task"] == "accounts.tasks.send_due_mails"
    assert re.fullmatch(r"[0-9a-f-]{36}", done["task_id"])
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)


# --- To Prometheus --------------------------------------------------------------------------------------


@pytest.fixture
def start_prometheus(tmp_path: Path) -> Iterator[Callable[[Front], Prometheus]]:
    """Starts a Prometheus that asks the web servers behind a front every second, and waits for no alert."""
    started: list[Prometheus] = []

    def start(front: Front) -> Prometheus:
        directory = tmp_path / "prometheus"
        directory.mkdir()
        (directory / "token").write_text(TOKEN)
        changes = {
            "_interval: 15s": "_interval: 1s",
            "127.0.0.1:8081": f"127.0.0.1:{front.health_port}",
            "127.0.0.1:9093": f"127.0.0.1:{free_port()}",
            "/etc/prometheus/metrics-token": str(directory / "token"),
            "for: 2m": "for: 0s",
        }
        started.append(Prometheus(directory, changes))
        started[-1].start()
        return started[-1]

    yield start
    for prometheus in started:
        prometheus.stop()


def test_R7_prometheus_scrapes_two_web_servers_and_says_that_a_change_is_overdue_while_no_worker_is_there(
    settings: Settings,
    start_front: StartFront,
    start_web: StartWeb,
    start_worker: Callable[..., CeleryWorker],
    start_prometheus: Callable[[Front], Prometheus],
) -> None:
    settings.ACCESS_PROPAGATION_MAX = 0
    worker = start_worker()
    front = start_front(start_web(**WATCHED).port, start_web(**WATCHED).port)
    prometheus = start_prometheus(front)
    world = make_world()
    save(world, own(world, True))
    for _ in range(6):
        assert ask(front.connect_securely(), PAGE).status == 200
    eventually(lambda: world.opened().observed_generation == 1)

    given = 'console_access_change_delay_seconds_count{kind="given"}'
    eventually(lambda: prometheus.number(f"min({given})") == sum(timing.times()["given"].numbers) > 0)
    eventually(lambda: prometheus.number('sum(console_requests_total{page="account_login",status="200"})') == 6)
    assert prometheus.targets() == {"web": "", "web-2": ""}
    eventually(lambda: prometheus.number("console:slo_revocation_in_effect:ratio30d") in {None, 1.0})
    assert "ConsoleChangesOverdue" not in prometheus.alerts()

    worker.stop()
    save(world, own(world, False))
    save(world, own(world, True))
    past = Now() - timedelta(minutes=10)
    AccessChange.objects.filter(settled_at=None).update(due_at=past, next_attempt_at=past)
    eventually(lambda: "ConsoleChangesOverdue" in prometheus.alerts())
    alert = prometheus.alerts()["ConsoleChangesOverdue"]
    assert alert["labels"]["severity"] == "page"
    assert re.match(r"An access change has been due for 10m ", alert["annotations"]["summary"])
    assert "ConsoleRevocationOpen" not in prometheus.alerts()

    worker.start()
    eventually(lambda: "ConsoleChangesOverdue" not in prometheus.alerts())
    took = 'max(console_access_change_delay_seconds_bucket{kind="given",le="900.0"})'
    late = 'max(console_access_change_delay_seconds_bucket{kind="given",le="300.0"})'
    eventually(lambda: prometheus.number(f"{took} - {late}") == 1)
