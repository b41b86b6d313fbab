"""The files that production starts from: valid by the Compose specification, and with nothing unsafe in them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.conf import settings

from reseller_console.local import places
from reseller_console.local import services as demo
from tests.reseller_console.compose import COMPOSE, OF_ONE, OURS, SECRETS, interpolated, loaded, services

DOCKERFILE = (places.CHECKOUT / "Dockerfile").read_text()


def test_the_file_is_valid_by_the_specification() -> None:
    assert set(services()) == OURS | {"front", "postgres", "redis"}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("condition: service_healthy", "condition: service_fine"),
        ("  outside: {}", "  abroad: {}"),
        ("healthcheck:", "health:"),
    ],
)
def test_the_validation_refuses_what_the_specification_does(right: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        loaded(interpolated(SECRETS).replace(right, wrong))


@pytest.mark.parametrize("name", SECRETS)
def test_nothing_starts_without_a_secret_of_its_own(name: str) -> None:
    for variables in ({**SECRETS, name: ""}, {key: value for key, value in SECRETS.items() if key != name}):
        with pytest.raises(LookupError, match=name):
            interpolated(variables)


def test_every_variable_says_why_it_is_needed_or_has_a_default_that_is_no_secret() -> None:
    used = set(re.findall(r"\$\{(\w+)(:[?-])", COMPOSE))
    assert {name for name, operator in used if operator == ":?"} == set(SECRETS)
    assert not re.search(r"\$\{\w+:\?\}", COMPOSE)
    defaults = set(re.findall(r"\$\{(\w+):-[^}]", COMPOSE))
    assert not {name for name in defaults if re.search("PASSWORD|SECRET|KEY|URL", name)}


def test_each_of_our_services_has_the_settings_that_pass_the_start_up_checks() -> None:
    environment = services()["web"]["environment"]
    for name in OURS:
        own = {"DATABASE_OWNER_URL"} if name in {"migrate", "partitions"} else set()
        own |= {variable for variable, service in OF_ONE.items() if service == name}
        own |= {"DATABASE_URL"} if name == "sealer" else set()
        assert {key: value for key, value in services()[name]["environment"].items() if key not in own}.items() <= (
            environment.items()
        )
    ended = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=places.CHECKOUT,
        env={"PATH": os.environ["PATH"], **{name: str(value) for name, value in environment.items()}},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()


def test_only_the_front_is_published_and_behind_an_own_proxy_on_this_machine_only() -> None:
    for variables, before in (({}, ""), ({"OWN_PROXY": "yes", "TRUSTED_PROXY_COUNT": "2"}, "127.0.0.1:")):
        published = {name: service["ports"] for name, service in services(**variables).items() if service.get("ports")}
        assert published == {"front": [f"{before}80:8080", f"{before}443:8443", "127.0.0.1:8081:8081"]}
    assert "10.0.0.21:8081:8081" in services(HEALTH_ADDRESS="10.0.0.21")["front"]["ports"], "for a load balancer"


def test_the_front_ends_https_or_leaves_it_to_an_own_proxy_and_reaches_no_data() -> None:
    for variables, name in (({}, "front"), ({"OWN_PROXY": "yes"}, "front-own-proxy")):
        front = services(**variables)["front"]
        mounted = [volume.split(":") for volume in front["volumes"]]
        files = {inside: outside for outside, inside, *_mode in mounted}
        assert files["/etc/nginx/front.conf"] == f"./deploy/{name}.conf"
        assert files["/etc/nginx/nginx.conf"] == "./deploy/nginx.conf"
        assert front["networks"] == ["outside"]
        assert (front["read_only"], front["cap_drop"]) == (True, ["ALL"])
    nginx = (places.CHECKOUT / "deploy" / "nginx.conf").read_text()
    assert set(re.findall(r"server ([\w-]+):8000 ", nginx)) == {name for name in services() if name.startswith("web")}


def of_one_of_several_machines() -> dict[str, dict[str, Any]]:
    """The services of a machine of web and workers, as Compose merges deploy/machines/compose.yml into its own file."""
    given = {**SECRETS, "HEALTH_ADDRESS": "10.0.0.21", "OWN_PROXY": "yes", "TRUSTED_PROXY_COUNT": "2"}
    text = (places.CHECKOUT / "deploy" / "machines" / "compose.yml").read_text()
    text = re.sub(r"\$\{(\w+)\}", lambda match: given[match[1]], text).replace("host-gateway", "172.17.0.1")
    whole = yaml.safe_load(interpolated(given))
    for name, more in yaml.safe_load(text)["services"].items():
        service = whole["services"][name]
        for key, value in more.items():
            merged = isinstance(value, dict)
            service[key] = service.get(key, {}) | value if merged else list({*service.get(key, []), *value})
    return loaded(yaml.safe_dump(whole))["services"]  # type: ignore[no-any-return]


def test_on_several_machines_ours_reach_a_database_elsewhere_and_wait_for_nothing_here() -> None:
    found = of_one_of_several_machines()
    assert {name for name, service in found.items() if service.get("profiles")} == {"migrate", "postgres", "redis"}
    assert {"10.0.0.21:8000:8080", "10.0.0.21:8081:8081"} < set(found["front"]["ports"])
    assert found["migrate"]["profiles"] != found["postgres"]["profiles"], "or migrating starts a database"
    for name in OURS:
        environment = found[name]["environment"]
        assert ("@host.docker.internal:6432/" in environment["DATABASE_URL"]) == (name != "sealer")
        sealer = environment.get("DATABASE_SEALER_URL", "")
        assert ("//console_sealer:" in sealer and "@host.docker.internal:5432/" in sealer) == (name == "sealer")
        assert environment["REDIS_URL"].startswith(f"sentinel://:{SECRETS['REDIS_PASSWORD']}@198.51.100.31,")
        assert not any(needed.get("required", True) for needed in found[name]["depends_on"].values())
        assert found[name]["extra_hosts"] and "outside" in found[name]["networks"]
        owner = environment.get("DATABASE_OWNER_URL", "")
        assert ("@host.docker.internal:5432/" in owner) == (name in {"migrate", "partitions"})


def test_the_two_web_servers_are_alike() -> None:
    assert services()["web"] == services()["web-2"]


def test_docker_keeps_no_log_for_good() -> None:
    for name, service in services().items():
        assert service["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "6"}}, name


def test_only_our_processes_reach_the_data() -> None:
    assert loaded()["networks"]["inside"] == {"internal": True}
    assert {name for name, service in services().items() if set(service["networks"]) == {"inside"}} == {
        "partitions",
        "postgres",
        "redis",
        "sealer",
    }


def test_our_services_run_one_image_that_cannot_change_itself_and_has_no_rights() -> None:
    for name in OURS:
        service = services()[name]
        assert service["image"] == "reseller-console:7"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "privileged" not in service
        assert "user" not in service  # the image's own account, which is not root


def test_every_lasting_service_is_probed_and_comes_back_and_migrations_run_once_before() -> None:
    for name, service in services().items():
        if name == "migrate":
            assert service["restart"] == "no"
            assert service["healthcheck"] == {"disable": True}
            continue
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"]
    for name in OURS - {"migrate", "partitions", "sealer"}:
        waits = {other: needed["condition"] for other, needed in services()[name]["depends_on"].items()}
        assert waits == {
            "migrate": "service_completed_successfully",
            "postgres": "service_healthy",
            "redis": "service_healthy",
        }
    assert services()["migrate"]["command"] == ["python", "manage.py", "migrate", "--no-input"]


def test_A2_only_what_serves_nobody_is_told_of_the_owner_and_nobody_of_the_administrator() -> None:
    told = {name for name, service in services().items() if SECRETS["POSTGRES_OWNER_PASSWORD"] in str(service)}
    assert told == {"migrate", "partitions", "postgres"}
    assert services()["partitions"]["networks"] == ["inside"], "nobody reaches it, and it reaches nobody outside"
    assert {name for name, service in services().items() if SECRETS["POSTGRES_PASSWORD"] in str(service)} == {
        "postgres"
    }
    for name in OURS - {"sealer"}:
        assert services()[name]["environment"]["DATABASE_URL"].startswith("postgresql://console_app:")
    assert "./deploy/postgres:/docker-entrypoint-initdb.d:ro" in services()["postgres"]["volumes"]
    assert os.access(places.CHECKOUT / "deploy/postgres/roles.sh", os.X_OK), (
        "else the image reads it into its own shell"
    )


def test_A5_only_the_sealer_is_told_the_key_of_the_seals_its_role_and_where_they_are_kept() -> None:
    told = {
        name: {service for service, said in services().items() if SECRETS[name] in str(said)}
        for name in ("AUDIT_SEAL_KEY", "POSTGRES_SEALER_PASSWORD", "POSTGRES_APP_PASSWORD")
    }
    assert told["AUDIT_SEAL_KEY"] == {"sealer"}
    assert told["POSTGRES_SEALER_PASSWORD"] == {"sealer", "postgres"}
    assert told["POSTGRES_APP_PASSWORD"] == OURS - {"sealer"} | {"postgres"}, "it connects as itself alone"
    sealer = services(AUDIT_SEALS_VOLUME="/mnt/elsewhere")["sealer"]
    assert sealer["networks"] == ["inside"], "nobody reaches it"
    assert sealer["command"] == ["python", "manage.py", "seal_audit_log"]
    where = sealer["environment"]["AUDIT_SEALS_STORAGE"]
    assert sealer["volumes"] == [f"/mnt/elsewhere:{where}"]
    assert f" {where}" in DOCKERFILE, "a new volume begins as the image has it"


def test_mail_has_a_worker_of_its_own_here_and_in_the_demo() -> None:
    """A mail server that is silent delays mail only (R8): no process takes both, and no queue is left out."""
    here = [services()[name]["command"] for name in ("worker", "mail-worker")]
    for work, mail in (here, [demo.worker({}).argv, demo.mail_worker({}).argv]):
        assert work[work.index("--exclude-queues") + 1] == mail[mail.index("--queues") + 1] == "mail"
        assert not {"--queues", "-Q"} & set(work)
    assert settings.CELERY_TASK_ROUTES["accounts.tasks.send_due_mails"] == {"queue": "mail"}
    assert [route["queue"] for route in settings.CELERY_TASK_ROUTES.values()].count("mail") == 1


def test_the_data_outlive_their_containers() -> None:
    assert set(loaded()["volumes"]) == {"postgres", "media", "bodies", "seals"}
    assert "postgres:/var/lib/postgresql/data" in COMPOSE


def test_the_place_of_the_files_is_there_and_belongs_to_the_web_server() -> None:
    """A new volume begins as the image has it; without the place the web server refuses to start (E019)."""
    [made] = re.findall(r"install --directory --owner=console --group=console (.*)", DOCKERFILE)
    assert services()["web"]["environment"]["MEDIA_ROOT"] in made.split()


def test_the_image_installs_by_hash_and_ends_as_nobody() -> None:
    stages = DOCKERFILE.split("\nFROM ")
    assert len(stages) == 3
    assert "--require-hashes" in DOCKERFILE
    assert [line for line in stages[-1].splitlines() if line.startswith("USER ")] == ["USER console"]
    after = stages[-1].split("USER console")[1]
    assert "RUN" not in after
    assert "compile_translations && python manage.py collectstatic" in stages[-1]
    assert "/health/live" in after
    assert "SECRET_KEY" not in DOCKERFILE


def test_the_image_holds_the_product_and_no_tests_and_no_history() -> None:
    lines = [line for line in (places.CHECKOUT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert lines[0] == "*"
    let_in = {line[1:] for line in lines if line.startswith("!")}
    ours = {config.name for config in apps.get_app_configs() if Path(config.path).parent == places.CHECKOUT}
    assert ours | {"templates", "static", "locale"} <= let_in
    assert not let_in & {"tests", ".git", ".env", "benchmarks", ".venv"}
    assert all((places.CHECKOUT / path).exists() for path in let_in)
