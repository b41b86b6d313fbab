"""The drill makes every kind of fault, says what it lacks, and knows its machines from the files in deploy."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from drill import cluster
from drill.cluster import DEPLOY, REDISES, Cluster
from drill.machines import LOOPBACK, NETWORK, Machine
from drill.plan import BY_ITSELF, Kind, Target, plan
from reseller_console.local import places


def test_forty_six_faults_are_each_combination_twice_in_an_order_that_can_be_repeated() -> None:
    faults = plan(46, seed=1)
    assert set(Counter((fault.target, fault.kind) for fault in faults).values()) == {2}
    machines = len(set(Target) - BY_ITSELF)
    assert len({(fault.target, fault.kind) for fault in faults}) == machines * len(Kind) + len(BY_ITSELF) * 2
    assert not [fault for fault in faults if fault.target in BY_ITSELF and fault.kind == Kind.CUT]
    assert plan(46, seed=1) == faults
    assert plan(46, seed=2) != faults


def test_without_namespaces_nothing_is_cut_off() -> None:
    assert {fault.kind for fault in plan(30, seed=1, kinds=(Kind.KILL, Kind.FREEZE))} == {Kind.KILL, Kind.FREEZE}


def test_a_primary_is_away_for_longer_than_its_lock_lives() -> None:
    ttl = yaml.safe_load((DEPLOY / "patroni.yml").read_text())["bootstrap"]["dcs"]["ttl"]
    assert all(fault.holds > ttl for fault in plan(30, seed=1) if fault.target == Target.PRIMARY)


def test_it_says_what_is_missing_and_installs_nothing() -> None:
    command = (
        "import drill.cluster as c; c.PATH = '/nowhere'; from drill.__main__ import main; import sys; sys.exit(main())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", command], cwd=places.CHECKOUT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "apt-get install etcd-server haproxy patroni pgbouncer postgresql-15" in ended.stderr


class Files(Cluster):
    """Its files alone."""

    def __init__(self, network: Any) -> None:
        self.network = network


class Addresses:
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def address(self, number: int) -> str:
        return f"{self.prefix}{number}"


@pytest.mark.parametrize("prefix", [NETWORK, LOOPBACK])
def test_each_machine_has_its_own_name_and_knows_the_others(tmp_path: Path, prefix: str) -> None:
    files = Files(Addresses(prefix))
    machine = Machine("db2", f"{prefix}12", tmp_path, prefix == NETWORK)
    etcd = yaml.safe_load(Path(files._file(machine, "etcd.yml", {})).read_text())  # noqa: SLF001  what it writes
    assert (etcd["name"], etcd["listen-client-urls"]) == ("db2", f"http://{prefix}12:2379")
    assert f"db1=http://{prefix}11:2380" in etcd["initial-cluster"]
    patroni = yaml.safe_load(Path(files._file(machine, "patroni.yml", {})).read_text())  # noqa: SLF001
    assert (patroni["name"], patroni["restapi"]["listen"]) == ("db2", f"{prefix}12:8008")
    assert patroni["etcd"]["hosts"] == [f"{prefix}{number}:2379" for number in (11, 12, 13)]
    redis = Machine("redis3", f"{prefix}33", tmp_path, prefix == NETWORK)
    sentinel = Path(files._file(redis, "sentinel.conf", {})).read_text()  # noqa: SLF001
    assert f"bind {prefix}33" in sentinel and f"monitor console {prefix}31 6379 2" in sentinel


@pytest.mark.parametrize("prefix", [NETWORK, LOOPBACK])
def test_one_redis_begins_as_the_primary_and_the_others_as_its_replicas_by_the_files_alone(
    tmp_path: Path, prefix: str
) -> None:
    files = Files(Addresses(prefix))
    said = {}
    for number, name in enumerate(REDISES, start=31):
        machine = Machine(name, f"{prefix}{number}", tmp_path, prefix == NETWORK)
        lines = Path(files._file(machine, "redis.conf", {})).read_text().splitlines()  # noqa: SLF001
        assert f"bind {prefix}{number}" in lines
        said[name] = [line for line in lines if line.startswith("replicaof")]
    first = f"replicaof {prefix}31 6379"
    assert said == {"redis1": [], "redis2": [first], "redis3": [first]}
    guide = (places.CHECKOUT / "docs" / "machines.md").read_text()
    assert f"`replicaof {NETWORK}31 6379`" in guide


def test_the_files_hold_no_decision_back_on_one_machine() -> None:
    dcs = yaml.safe_load((cluster.DEPLOY / "patroni.yml").read_text())["bootstrap"]["dcs"]
    assert (dcs["synchronous_mode"], dcs["synchronous_mode_strict"]) == (True, True)
    assert dcs["postgresql"]["parameters"]["synchronous_commit"] == "on"
    assert dcs["ttl"] >= dcs["loop_wait"] + 2 * dcs["retry_timeout"], "or it is replaced before it gives up"
    haproxy = (cluster.DEPLOY / "haproxy.cfg").read_text()
    assert "httpchk GET /primary" in haproxy and "on-marked-down shutdown-sessions" in haproxy
