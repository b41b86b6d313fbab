"""What runs on which machine, with the files of deploy/machines."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg2
import redis

from drill.machines import NETWORK, PATH, Machine, Network, Program, kill, signal_all
from drill.plan import BY_ITSELF, Kind, Target
from reseller_console.local import demo, places, processes
from reseller_console.local.postgres import APPLICATION, OWNER, SEALER, make_roles
from reseller_console.local.valkey import program as valkey

DEPLOY = places.CHECKOUT / "deploy" / "machines"
# Programs of Debian, by the package that has them.
NEEDED = {
    "patroni": "patroni",
    "etcd": "etcd-server",
    "haproxy": "haproxy",
    "pgbouncer": "pgbouncer",
    "setpriv": "util-linux",
    "psql": "postgresql-client",
    "pg_rewind": "postgresql-15",
}
_PASSWORD = "of-a-drill"  # noqa: S105  of servers that live as long as the drill
_ADMINISTRATOR = "of-the-administrator"
DATABASE, WEB_PORT = "console", 8000
DATABASES, APPS, REDISES = ("db1", "db2", "db3"), ("app1", "app2"), ("redis1", "redis2", "redis3")
# Seconds a cluster has to begin, and to be whole again after a fault.
BEGIN_WITHIN, WHOLE_WITHIN = 120.0, 240.0
_TRY = 2.0


def asked(url: str, *, timeout: float = _TRY) -> tuple[int, bytes]:
    """Ask a URL; return status and body, and 0 where nobody answers."""
    try:
        with urlopen(url, timeout=timeout) as answer:  # noqa: S310  of our own machines
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, b""
    except (OSError, HTTPException):
        return 0, b""


def missing() -> dict[str, str]:
    """Return the programs that are not on this machine, with their packages."""
    return {name: package for name, package in NEEDED.items() if shutil.which(name, path=PATH) is None}


class Cluster:
    """Three database machines, three with Redis, and two with web and workers."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.account = processes.server_account()
        self._seal_key = demo.new_seal_key()
        for number, name in enumerate(DATABASES, start=11):
            self._begin_database(network.add(name, number))
        for number, name in enumerate(REDISES, start=31):
            self._begin_redis(network.add(name, number))

    def machine(self, name: str) -> Machine:
        return self.network.machines[name]

    # --- what is started ---------------------------------------------------------------------------

    def _begin_database(self, machine: Machine) -> None:
        data = machine.folder / "data"
        if self.account:
            shutil.chown(machine.folder, self.account.uid, self.account.gid)
        paths = {"/var/lib/etcd/console": str(machine.folder / "etcd"), "/var/lib/postgresql/15/console": str(data)}
        paths["/var/run/postgresql"] = str(machine.folder)
        machine.add("etcd", ["etcd", "--config-file", self._file(machine, "etcd.yml", paths)], account=self.account)
        patroni = ["patroni", self._file(machine, "patroni.yml", paths)]
        machine.add(
            "patroni",
            patroni,
            account=self.account,
            environment={"PATH": PATH, "HOME": str(machine.folder)},
            pid_file=data / "postmaster.pid",
        )

    def _begin_redis(self, machine: Machine) -> None:
        paths = {"/var/lib/redis": str(machine.folder)}
        machine.add("redis", [valkey(), self._file(machine, "redis.conf", paths)])
        machine.add("sentinel", [valkey(), self._file(machine, "sentinel.conf", paths), "--sentinel"])

    def begin_apps(self, environment: dict[str, str]) -> None:
        """Make the database, then start web, worker and scheduler on both machines for them."""
        self._until(lambda: self.leader() is not None, "Patroni never had a leader", within=BEGIN_WITHIN)
        self._until(self._databases_are_whole, "Patroni never had a synchronous standby", within=BEGIN_WITHIN)
        administrator = self.url("postgres", _ADMINISTRATOR, "postgres")
        with closing(psycopg2.connect(administrator)) as session, session.cursor() as cursor:
            session.autocommit = True
            cursor.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0 ENCODING UTF8 LOCALE 'C.UTF-8'")
        make_roles(self.url("postgres", _ADMINISTRATOR), _PASSWORD)
        self.manage("migrate", "--no-input", environment=environment)
        for number, name in enumerate(APPS, start=21):
            self._begin_app(self.network.add(name, number), environment)
        self._until(self.is_whole, "the cluster was never whole", within=BEGIN_WITHIN)

    def _begin_app(self, machine: Machine, environment: dict[str, str]) -> None:
        users = machine.folder / "userlist.txt"
        users.write_text(f'"{APPLICATION}" "{_PASSWORD}"\n')
        here = "127.0.0.1" if machine.has_namespace else machine.address
        paths = {"127.0.0.1": here, "/etc/pgbouncer/userlist.txt": str(users)}
        if self.account:
            shutil.chown(machine.folder, self.account.uid, self.account.gid)
        machine.add("haproxy", ["/usr/sbin/haproxy", "-db", "-f", self._file(machine, "haproxy.cfg", paths)])
        machine.add(
            "pgbouncer", ["/usr/sbin/pgbouncer", self._file(machine, "pgbouncer.ini", paths)], account=self.account
        )
        url = f"postgresql://{APPLICATION}:{_PASSWORD}@{here}:6432/{DATABASE}"
        own = {**environment, "DATABASE_URL": url, "MEDIA_ROOT": str(machine.folder)}
        python = [sys.executable, "-m"]
        web = ["gunicorn", "--bind", f"{machine.address}:{WEB_PORT}", "--config", "python:reseller_console.web_server"]
        web += ["--worker-class", "reseller_console.web_server.Worker", "--threads", "4", "--no-control-socket"]
        machine.add("web", [*python, *web, "reseller_console.wsgi"], environment={**own, "WEB_CONCURRENCY": "1"})
        celery = [*python, "celery", "-A", "reseller_console", "-q"]
        worker = ["worker", "--hostname", machine.name, "--loglevel", "WARNING", "--concurrency", "1"]
        machine.add("worker", [*celery, *worker, "--without-gossip", "--without-mingle"], environment=own)
        machine.add("scheduler", [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""], environment=own)
        sealing = {
            **environment,
            "DATABASE_URL": "",
            "DATABASE_SEALER_URL": f"postgresql://{SEALER}:{_PASSWORD}@{here}:5432/{DATABASE}",
            "AUDIT_SEAL_KEY": self._seal_key,
        }
        argv = [sys.executable, str(places.CHECKOUT / "manage.py"), "seal_audit_log", "--every", "5"]
        machine.add("sealer", argv, environment=sealing)

    def _file(self, machine: Machine, name: str, paths: dict[str, str]) -> str:
        """Write a file of deploy/machines for one machine, with its own name, address and folders."""
        lines = (DEPLOY / name).read_text().splitlines()
        if machine.name in REDISES[1:]:
            lines = [line.replace("# replicaof ", "replicaof ") for line in lines]
        text = "\n".join(line if _names_others(line) else self._own(machine, line) for line in lines) + "\n"
        # Over loopback everybody comes from 127.0.0.1.
        everybody = f"{NETWORK}0/24" if machine.has_namespace else "127.0.0.0/8"
        for path, own in {**paths, f"{NETWORK}0/24": everybody, NETWORK: self.network.address(0)[:-1]}.items():
            text = text.replace(path, own)
        found = machine.folder / name
        found.write_text(text)
        return str(found)

    def _own(self, machine: Machine, line: str) -> str:
        first = {DATABASES[0]: "11", REDISES[0]: "31"}
        for name, number in first.items():
            if machine.name[:-1] == name[:-1]:
                line = line.replace(f"{NETWORK}{number}", machine.address).replace(
                    f"name: {name}", f"name: {machine.name}"
                )
        return line

    # --- what is asked -----------------------------------------------------------------------------

    def redis_url(self) -> str:
        hosts = ",".join(f"{self.network.address(number)}:26379" for number in (31, 32, 33))
        return f"sentinel://:the-password-of-redis@{hosts}/0?primary=console"

    def url(self, user: str, password: str, database: str = DATABASE) -> str:
        """Return the URL of the database at the primary itself."""
        leader = self.leader()
        assert leader is not None, "no leader"
        return f"postgresql://{user}:{password}@{self.machine(leader).address}:5432/{database}"

    def application_url(self) -> str:
        return self.url(APPLICATION, _PASSWORD)

    def manage(self, *arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Run a management command at the primary itself, as the owner where that is asked for."""
        urls = {"DATABASE_URL": self.url(APPLICATION, _PASSWORD), "DATABASE_OWNER_URL": self.url(OWNER, _PASSWORD)}
        argv = [sys.executable, str(places.CHECKOUT / "manage.py"), *arguments]
        return subprocess.run(
            argv, env={**environment, **urls, "PATH": PATH}, capture_output=True, text=True, check=True, timeout=600
        )

    def _members(self) -> list[dict[str, object]]:
        """Return what Patroni says of its members; nothing where none answers."""
        for name in DATABASES:
            said = asked(f"http://{self.machine(name).address}:8008/cluster")[1]
            members: list[dict[str, object]] = json.loads(said)["members"] if said else []
            if any(member["role"] == "leader" for member in members):
                return members
        return []

    def leader(self) -> str | None:
        """Return the machine of the primary, as it says itself; None where there is none."""
        urls = {name: f"http://{self.machine(name).address}:8008/primary" for name in DATABASES}
        return next((name for name, url in urls.items() if asked(url)[0] == 200), None)

    def _synchronous(self) -> str | None:
        return next((str(member["name"]) for member in self._members() if member["role"] == "sync_standby"), None)

    def _redis(self, machine: Machine, port: int = 6379) -> redis.Redis:
        password = "the-password-of-redis" if port == 6379 else None
        return redis.Redis(machine.address, port, password=password, socket_timeout=_TRY, decode_responses=True)

    def _redis_primary(self) -> str:
        for name in REDISES:
            try:
                with self._redis(self.machine(name), 26379) as sentinel:
                    address = sentinel.sentinel_get_master_addr_by_name("console")[0]
            except redis.RedisError:
                continue
            return next(one for one in REDISES if self.machine(one).address == address)
        raise LookupError("no Sentinel answers")

    def is_whole(self) -> bool:
        """Tell whether everything is there again, and as redundant as it was."""
        return self._databases_are_whole() and self._redises_are_whole() and all(map(self._is_ready, APPS))

    def _databases_are_whole(self) -> bool:
        members = self._members()
        roles = sorted(str(member["role"]) for member in members if member["state"] in ("running", "streaming"))
        return roles == ["leader", "replica", "sync_standby"] and self.leader() is not None

    def _redises_are_whole(self) -> bool:
        try:
            with self._redis(self.machine(self._redis_primary())) as primary:
                return int(primary.info("replication")["connected_slaves"]) == 2
        except (redis.RedisError, LookupError):
            return False

    def _is_ready(self, name: str) -> bool:
        return asked(f"http://{self.machine(name).address}:{WEB_PORT}/health/ready", timeout=10)[0] == 200

    def wait_until_whole(self) -> None:
        """Wait until everything is there again."""
        self._until(self.is_whole, "the cluster was not whole again", within=WHOLE_WITHIN)

    def _until(self, condition: Callable[[], bool], what: str, *, within: float = 30.0) -> None:
        deadline = time.monotonic() + within
        while True:
            try:
                if condition():
                    return
            except redis.RedisError:
                pass
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what}; the logs are in {self.network.folder}")
            time.sleep(0.5)

    # --- what is done to it ------------------------------------------------------------------------

    def _machine_of(self, target: Target) -> str | None:
        """Return where a target is at this moment; None for what runs on both that have web and workers."""
        if target in (
            Target.PRIMARY,
            Target.ETCD,
        ):  # etcd beside the primary, which has to keep its lock elsewhere then
            return self.leader()
        if target == Target.STANDBY:
            return self._synchronous()
        return self._redis_primary() if target == Target.REDIS else None

    def hit(self, target: Target, kind: Kind, app: str) -> tuple[str, Callable[[], None]]:
        """Make a fault; return the machine, and what undoes it. app: which one, for what runs on those."""
        name = self._machine_of(target) or app
        machine = self.machine(name)
        if kind == Kind.CUT:
            machine.plug("down")
            return name, lambda: machine.plug("up")
        one = [machine.programs[target]] if target in {Target.WEB, Target.WORKER, *BY_ITSELF} else []
        programs: list[Program] = one or list(machine.programs.values())
        pids = [pid for program in one for pid in program.pids()] or machine.pids()
        if kind == Kind.FREEZE:
            signal_all(pids, signal.SIGSTOP)
            return name, lambda: signal_all(pids, signal.SIGCONT)
        kill(pids, programs)

        def start() -> None:
            for program in programs:
                program.start()

        return name, start


def _names_others(line: str) -> bool:
    """Tell whether a line names all machines, or the first of them also on the others."""
    return line.strip().startswith(("initial-cluster:", "hosts:", "replicaof ", "sentinel monitor", "server "))
