"""Every command that docs/operations.md and docs/night.md tell people to type, and what runs it.

Docker itself runs nowhere here: what a command of Compose runs in a container is run without one. Where a command only
shows containers, its services are compared with Compose's file; and a client of Docker, where there is one, reads every
command as far as it can without an engine.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands, load_command_class
from django.db import connection, transaction

from accounts.models import User
from reseller_console.local import places
from tests.reseller_console.compose import SECRETS, services

IMAGE = "tests/image/test_image.py::test_the_image_signs_somebody_in_over_https_and_a_change_of_access_takes_effect"
RESTORE = "tests/reseller_console/test_restore.py::test_R8_a_restore_as_the_guide_says_reopens_nothing"
ROLES = "tests/reseller_console/test_database_roles.py::test_A2_the_application_reads_and_writes_events"
FRONT = "tests/front/test_front_and_web.py::test_no_request_fails_while_two_web_servers_restart_in_turn"
DEMO = "tests/local/test_supervisor.py::test_the_demo_from_its_first_start_to_a_kill_and_a_second_start"
HEALTH = "tests/front/test_front.py::test_health_is_answered_on_its_own_port_only"
HERE = "tests/reseller_console/test_documented_commands.py"
FIRST = f"{HERE}::test_the_first_operator_is_made_as_the_guide_says"
MADE = "tests/reseller_console/test_checks.py::test_E019_the_place_of_the_files_is_made_as_the_guide_says"
RENEWED = "tests/front/test_reload.py::test_a_renewed_certificate_is_shown_after_the_command_of_the_guide"
VERIFY = "tests/seals/test_verifying.py::test_A5_a_log_as_it_was_sealed_is_verified"
EXPORT = "tests/seals/test_exporting.py::test_A5_a_collector_misses_nothing_and_gets_nothing_twice"
RETENTION = "tests/seals/test_retention.py::test_A5_old_months_are_dropped_and_their_seals_stay_and_verify"
DOCKER_ALONE = f"{HERE}::test_every_service_that_a_command_names_is_one_of_compose"
# How a command begins, and what runs it.
RUN = {
    "docker compose up": IMAGE,
    "docker compose build": IMAGE,
    "docker compose run --rm migrate python manage.py reconcile_access": RESTORE,
    "docker compose run --rm -T migrate python manage.py reconcile_access": RESTORE,
    "docker compose run --rm migrate python manage.py begin_seal_era": RESTORE,
    "docker compose run --rm migrate python manage.py drop_old_audit_partitions": RETENTION,
    "docker compose exec sealer python manage.py verify_audit": VERIFY,
    "docker compose exec -T web python manage.py export_audit_events": EXPORT,
    "docker compose run --rm migrate": IMAGE,
    "docker compose run --rm --no-deps -T web tar": RESTORE,
    "docker compose run --rm --no-deps web mkdir": MADE,
    "docker compose run --rm web python manage.py check_media": RESTORE,
    "docker compose exec web python manage.py create_user": FIRST,
    "docker compose exec postgres sh /docker-entrypoint-initdb.d/roles.sh": ROLES,
    "docker compose exec -T postgres": RESTORE,
    "docker compose exec postgres dropdb": RESTORE,
    "docker compose exec front nginx -s reload": RENEWED,
    "docker compose restart": FRONT,
    "docker compose stop": RESTORE,
    "docker compose start": RESTORE,
    "docker compose ps": DOCKER_ALONE,
    "docker compose logs": DOCKER_ALONE,
    "docker ps": DOCKER_ALONE,
    "docker stats": DOCKER_ALONE,
    "docker system df": DOCKER_ALONE,
    "docker image prune": DOCKER_ALONE,
    "curl --silent http://127.0.0.1:8081/health/ready": HEALTH,
    "make image": ".ci/run::run make image",
    "make run": DEMO,
    "make test-upgrade": ".ci/run::run make test-upgrade",
}
GUIDES = "\n".join((places.CHECKOUT / "docs" / name).read_text() for name in ("operations.md", "night.md"))
BLOCKS = "\n".join(re.findall(r"```sh\n(.*?)```", GUIDES, re.DOTALL)).replace("\\\n", " ")
QUOTED = re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", GUIDES, flags=re.DOTALL))
TYPED = [" ".join(text.split()) for text in [*BLOCKS.splitlines(), *QUOTED]]
COMMANDS = sorted({text for text in TYPED if re.match(r"(docker(?! engine)|curl|make) ", text) and "…" not in text})
MANAGE = sorted({found for text in TYPED for found in re.findall(r"manage\.py ([a-z_]+.*)", text)})
STATEMENTS = sorted({text for text in TYPED if re.match(r"(SELECT|UPDATE) ", text)})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_run_by_a_test(command: str) -> None:
    begins = [begin for begin in RUN if command.startswith(begin)]
    assert begins, f"Name in RUN which test runs it: {command}"
    file, _, name = RUN[max(begins, key=len)].partition("::")
    assert (name if file == ".ci/run" else f"def {name}(") in (places.CHECKOUT / file).read_text()


def test_nothing_is_said_to_run_that_no_guide_names() -> None:
    assert [begin for begin in RUN if not any(command.startswith(begin) for command in COMMANDS)] == []


@pytest.mark.parametrize("command", [command for command in COMMANDS if command.startswith("docker compose ")])
def test_every_service_that_a_command_names_is_one_of_compose(command: str) -> None:
    verb, *words = shlex.split(re.split(r" [|<>] ", command)[0])[2:]
    given_a_value = {"--since"}
    named = [
        word
        for before, word in zip(["", *words], words, strict=False)
        if not word.startswith("-") and before not in given_a_value
    ]
    if verb in {"run", "exec"}:
        named = named[:1]
    assert set(named) <= set(services())


def refused_as_typed(command: str, tmp_path: Path) -> bool:
    """Whether a client of Docker refuses the words themselves: without an engine it comes as far as those."""
    there = {**os.environ, **SECRETS, "DOCKER_HOST": f"unix://{tmp_path}/nobody"}
    words = shlex.split(re.split(r" [|<>] ", command)[0])
    ended = subprocess.run(
        words, cwd=places.CHECKOUT, env=there, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    return re.search(r"unknown (flag|shorthand|command)|invalid argument", ended.stderr) is not None


@pytest.mark.parametrize("client", ["docker", "docker compose"])
def test_a_client_of_docker_takes_every_word(client: str, tmp_path: Path) -> None:
    if shutil.which("docker") is None or refused_as_typed(f"{client} version", tmp_path):
        pytest.skip(f"{client} is not on this machine")
    typed = [command for command in COMMANDS if re.match(rf"{client} (?!compose )", command)]
    assert [command for command in typed if refused_as_typed(command, tmp_path)] == []
    assert refused_as_typed(f"{typed[0]} --no-such-option", tmp_path)


@pytest.mark.parametrize("command", MANAGE)
def test_every_management_command_takes_what_it_is_given(command: str) -> None:
    name, *words = shlex.split(re.split(r" [|<>] ", command)[0].replace("$at", "2026-11-29T12:00:00Z"))
    app = get_commands()[name]
    parser = (load_command_class(app, name) if isinstance(app, str) else app).create_parser("manage.py", name)
    if words:  # named alone, it is only spoken of
        parser.parse_args(words)


@pytest.mark.django_db
@pytest.mark.parametrize("statement", STATEMENTS)
def test_every_statement_is_one_that_our_tables_answer(statement: str) -> None:
    statement = statement.replace("pg_terminate_backend(pid)", "pg_terminate_backend(0)")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_the_first_operator_is_made_as_the_guide_says(capsys: pytest.CaptureFixture[str]) -> None:
    [command] = [command for command in COMMANDS if "create_user" in command]
    call_command(*shlex.split(command.partition("manage.py ")[2]))
    assert User.objects.get(email="you@vendor.example").roles == {"vendor_operator"}
    assert "/accounts/password/reset/key/" in capsys.readouterr().out
