"""What deploy/prometheus/ says to Prometheus, judged by Debian's promtool and compared with what we promise."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from reseller_console.local import places
from reseller_console.metrics import asked, counted
from tests.prometheus import DEPLOY, program
from tests.reseller_console.operations import OPERATIONS

RULES = [DEPLOY / "alerts.yml", DEPLOY / "slos.yml"]
EXAMPLES = Path(__file__).parent / "prometheus_rules.yml"


def promtool(*arguments: str | Path, cwd: Path = DEPLOY) -> tuple[int, str]:
    ended = subprocess.run(
        [program("promtool"), *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False, timeout=60
    )
    return ended.returncode, ended.stdout + ended.stderr


def rules() -> list[dict[str, Any]]:
    groups = [group for file in RULES for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}


def test_promtool_takes_the_example_and_the_rules() -> None:
    assert promtool("check", "config", "--syntax-only", "prometheus.yml")[0] == 0
    status, said = promtool("check", "rules", *RULES)
    assert status == 0, said
    named = yaml.safe_load((DEPLOY / "prometheus.yml").read_text())["rule_files"]
    assert sorted(named) == sorted(file.name for file in RULES)


def test_promtool_refuses_what_is_no_rule(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(RULES[0].read_text().replace("> 300", "> > 300"))
    assert promtool("check", "rules", broken)[0] != 0


def test_the_rules_say_of_numbers_what_they_should(tmp_path: Path) -> None:
    for file in RULES:
        (tmp_path / file.name).write_text(file.read_text())
    (tmp_path / "examples.yml").write_text(EXAMPLES.read_text())
    status, said = promtool("test", "rules", "examples.yml", cwd=tmp_path)
    assert status == 0, said


def test_every_alert_has_an_example_in_which_it_fires_and_one_in_which_it_does_not() -> None:
    tests = [each for test in yaml.safe_load(EXAMPLES.read_text())["tests"] for each in test.get("alert_rule_test", [])]
    fires = {each["alertname"] for each in tests if each.get("exp_alerts")}
    silent = {each["alertname"] for each in tests if not each.get("exp_alerts")}
    assert (fires, silent) == (set(ALERTS), set(ALERTS))


def told() -> set[str]:
    """The names of all numbers that a scrape can hold."""
    found = {"up"}
    for metric in [counted.REQUESTS, counted.SECONDS, counted.UNDER_WAY, counted.REFUSED_SIGN_INS]:
        for family in metric.collect():
            found |= {family.name + end for end in ("", "_total", "_bucket", "_count", "_sum")}
    source = Path(asked.__file__).read_text()
    for name in re.findall(r'"(console_\w+)"', source):
        found |= {name + end for end in ("", "_bucket", "_count", "_sum")}
    return found | {rule["record"] for rule in rules() if "record" in rule}


def test_rules_are_about_what_is_told() -> None:
    used = {name for rule in rules() for name in re.findall(r"\bconsole[_:][\w:]+", rule["expr"])}
    assert used - told() == set()


@pytest.mark.parametrize("name", ALERTS)
def test_each_alert_says_what_is_wrong_and_where_it_is_written_what_to_do(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"page", "ticket"}
    assert alert["annotations"]["summary"].endswith(".")
    file, _, place = alert["annotations"]["runbook"].partition("#")
    assert (places.CHECKOUT / file).exists()
    assert place == name.lower()
    section = OPERATIONS.split(f"\n#### {name}\n")[1].split("\n#")[0]
    assert len(section.split()) > 15


def test_every_runbook_is_of_an_alert() -> None:
    assert re.findall(r"^#### (Console\w+)$", OPERATIONS, re.MULTILINE) == list(ALERTS)


def test_each_service_level_stands_in_the_guide_with_the_rule_that_computes_it() -> None:
    section = OPERATIONS.split("\n## Service levels\n")[1].split("\n## ")[0]
    levels = {rule["record"] for rule in rules() if rule.get("record", "").startswith("console:slo_")}
    assert set(re.findall(r"`(console:slo_[\w:]+)`", section)) == levels
    assert len(levels) == 3
    for promised in ("100 %", "99.9 %", "95 %"):
        assert promised in section
