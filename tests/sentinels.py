"""A primary, a replica and three Sentinels, all of Valkey, as processes that a test may kill and freeze."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from accounts.background.redis_servers import client
from reseller_console.local import places, processes
from reseller_console.local.processes import Child
from reseller_console.local.valkey import Valkey, free_port, program

PRIMARY = "console"
# Milliseconds until a Sentinel calls a silent server away, and until another one is tried in a failover.
DOWN_AFTER, FAILOVER_WITHIN = 1000, 3000
# Seconds; a failover takes two to four.
LIMIT = 60.0


@dataclass
class Sentinels:
    """What stands behind one REDIS_URL."""

    directory: Path
    servers: list[Valkey] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    _children: list[Child] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The value for REDIS_URL."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"sentinel://{hosts}/0?primary={PRIMARY}"

    def start(self) -> None:
        """Start all of them, and wait until the Sentinels agree that the primary can be replaced."""
        self.servers = [Valkey(places.temporary(None)) for _ in range(2)]
        for server in self.servers:
            server.start()
        with redis.Redis.from_url(self.servers[1].url) as replica:
            replica.replicaof("127.0.0.1", self.servers[0].port)
        self.ports = [free_port() for _ in range(3)]
        self._children = [self._sentinel(port) for port in self.ports]
        self._wait(self._is_ready, "the Sentinels never knew each other and the replica")

    def primary(self) -> Valkey:
        """Return the server that the Sentinels call the primary now."""
        with redis.Redis(port=self.ports[-1]) as sentinel:
            port = sentinel.sentinel_get_master_addr_by_name(PRIMARY)[1]
        return next(server for server in self.servers if server.port == port)

    def freeze(self, server: Valkey) -> None:
        """Let a server stand still: its connections stay open, and nobody answers."""
        server.child.popen.send_signal(signal.SIGSTOP)

    def thaw(self, server: Valkey) -> None:
        """Let it go on."""
        server.child.popen.send_signal(signal.SIGCONT)

    def kill_sentinel(self) -> None:
        """Kill the Sentinel that is asked first."""
        processes.kill(self._children.pop(0))

    def wait_for_another(self, than: Valkey) -> None:
        """Wait until another server is the primary, and takes what is written."""

        def is_another() -> bool:
            with client(self.url, timeout=1) as connection:
                connection.set("tried", "")
                pool = connection.connection_pool
                return pool.master_address != ("127.0.0.1", than.port)  # type: ignore[no-any-return]

        self._wait(is_another, "no other server became the primary")

    def remove(self) -> None:
        """End all of them."""
        for child in self._children:
            processes.stop(child)
        for server in self.servers:
            server.kill()  # a frozen one ends only by force
            server.remove()

    def _sentinel(self, port: int) -> Child:
        folder = self.directory / str(port)
        folder.mkdir()
        lines = [
            f"port {port}",
            "bind 127.0.0.1",
            f"dir {folder}",
            f"sentinel monitor {PRIMARY} 127.0.0.1 {self.servers[0].port} 2",
            f"sentinel down-after-milliseconds {PRIMARY} {DOWN_AFTER}",
            f"sentinel failover-timeout {PRIMARY} {FAILOVER_WITHIN}",
        ]
        (folder / "sentinel.conf").write_text("\n".join(lines) + "\n")
        with (folder / "log").open("ab") as log:
            argv: list[str | Path] = [program(), str(folder / "sentinel.conf"), "--sentinel"]
            return processes.start(argv, cwd=folder, stdout=log, stderr=log)

    def _is_ready(self) -> bool:
        for port in self.ports:
            with redis.Redis(port=port) as sentinel:
                found = sentinel.sentinel_master(PRIMARY)
                replicas = sentinel.sentinel_slaves(PRIMARY)
            if found["num-other-sentinels"] < 2 or not any(one["master-link-status"] == "ok" for one in replicas):
                return False
        return True

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + LIMIT
        while True:
            try:
                if condition():
                    return
            except redis.RedisError:
                pass
            if time.monotonic() > deadline:
                pytest.fail(what)
            time.sleep(0.1)
