"""`make run`: starts everything, keeps it running, ends it cleanly."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from types import FrameType
from typing import IO

from reseller_console.local import demo, instance, places, processes, services
from reseller_console.local.postgres import APPLICATION, OWNER, SEALER, Postgres, make_roles
from reseller_console.local.server import ServerError
from reseller_console.local.services import GivenUpError, Restarts, Service
from reseller_console.local.valkey import Valkey

DEFAULT_PORT = 8000
# Seconds until everything answers; takes about four on an idle machine.
READY_LIMIT = 90.0
ASK_AGAIN_AFTER = 0.5


class Ended(BaseException):
    """Ctrl-C, SIGTERM, or the terminal is gone."""


class StepError(Exception):
    """One of the first steps failed."""


def say(line: str = "") -> None:
    with suppress(BrokenPipeError):
        print(line, flush=True)


class Supervisor:
    """Everything that `make run` starts in one checkout."""

    def __init__(self, lock: IO[str]) -> None:
        self.lock = lock
        self.logs = places.STATE / "log"
        # On servers of your own, of the shell; the processes that serve people are not told.
        self.sealer_url = os.environ.get("DATABASE_SEALER_URL", "")
        self.servers: list[tuple[str, Postgres | Valkey, Restarts]] = []
        self.services: list[Service] = []
        self.selector = selectors.DefaultSelector()

    def run(self) -> None:
        """Start, say where, and stay until told to end."""
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir()
        # WhiteNoise warns when the folder is missing, also where it serves files from where they lie.
        (places.CHECKOUT / "staticfiles").mkdir(exist_ok=True)
        (places.STATE / "media").mkdir(mode=0o700, exist_ok=True)
        urls = self.start_servers()
        environment = demo.environment(urls)
        self.step("prepare", ["-m", "reseller_console.local.prepare"], environment)
        port = self.choose_port()
        address = f"http://127.0.0.1:{port}/"
        environment["CONSOLE_URL"] = address  # where the links in mails lead
        say("Starting the web server, the workers, the scheduler and the sealer …")
        self.services = [
            services.web(port, self.logs, environment),
            services.worker(environment),
            services.mail_worker(environment),
            services.beat(environment),
            services.sealer(environment, demo.seal_key(), self.sealer_url),
        ]
        for service in self.services:
            self.start(service)
        self.wait_until_ready(f"{address}health/ready")
        instance.write(self.lock, address, urls)
        say()
        say(f"Reseller Console runs at {address}")
        say()
        self.step("accounts", ["manage.py", "demo_accounts"], environment)
        say()
        self.step("keys", ["manage.py", "demo_keys", str(places.STATE / "keys")], environment)
        fast, slow = environment["ACCESS_PROPAGATION_MIN"], environment["ACCESS_PROPAGATION_MAX"]
        say()
        say(f"In this demo a change of reseller access takes {fast} to {slow} seconds to propagate.")
        say(f"Mails, with the links in them, are written to {os.path.relpath(places.STATE)}/mail.")
        say(f"Requests are noted in {os.path.relpath(self.logs)}/access.log. Ctrl-C ends everything.")
        while True:
            self.look()

    def start_servers(self) -> dict[str, str]:
        """Start what no URL names; returns the URLs."""
        urls = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}
        for name in urls:
            say(f"Using the server that {name} names.")
        if "DATABASE_URL" not in urls:
            say("Starting PostgreSQL …")
            postgres = Postgres(places.for_server("postgres", processes.server_account()))
            self.servers.append(("PostgreSQL", postgres, Restarts()))
            postgres.start()
            postgres.create_database()
            make_roles(postgres.url())
            urls["DATABASE_URL"] = postgres.url(user=APPLICATION)
            urls["DATABASE_OWNER_URL"] = postgres.url(user=OWNER)
            self.sealer_url = postgres.url(user=SEALER)
        if "REDIS_URL" not in urls:
            say("Starting Valkey …")
            valkey = Valkey(places.STATE / "valkey")
            self.servers.append(("Valkey", valkey, Restarts()))
            valkey.start()
            urls["REDIS_URL"] = valkey.url
        return urls

    def choose_port(self) -> int:
        wanted = int(os.environ.get("PORT") or DEFAULT_PORT)
        port = instance.port_from(wanted)
        if port != wanted:
            say(f"Port {wanted} is in use by another program; taking {port} instead.")
        return port

    def step(self, name: str, argv: list[str], environment: dict[str, str]) -> None:
        """Run something to its end, with its output in view."""
        service = Service(name, argv, environment)
        self.start(service)
        while not service.ended():
            self.look()
        self.drop(service)
        assert service.child is not None
        if processes.kill(service.child) != 0:
            raise StepError(f"`python {' '.join(argv)}` failed; what it printed is above.")

    def start(self, service: Service) -> None:
        self.selector.register(service.start(), selectors.EVENT_READ, service)

    def drop(self, service: Service) -> None:
        """Print the last lines of a service that ended, and close its pipe."""
        assert service.child is not None and service.child.popen.stdout is not None
        for line in service.lines():
            self.show(service, line)
        with suppress(KeyError):
            self.selector.unregister(service.child.popen.stdout.fileno())
        service.child.popen.stdout.close()

    def look(self) -> None:
        """Print what was printed since the last look, and start again what has ended."""
        for key, _ in self.selector.select(timeout=0.2):
            service: Service = key.data
            lines = service.lines()
            for line in lines:
                self.show(service, line)
            if not lines and service.child and service.child.popen.stdout and service.ended():
                self.selector.unregister(key.fd)
        for service in self.services:
            if service.ended():
                self.start_again(service)
        for name, server, restarts in self.servers:
            if (status := server.child.popen.poll()) is not None:
                say(f"{name} ended unexpectedly (status {status}); starting it again.")
                restarts.count(name)
                server.restart()

    def start_again(self, service: Service) -> None:
        assert service.child is not None
        self.drop(service)
        status = processes.kill(service.child)  # what it started must not outlive it
        say(f"{service.name} ended unexpectedly (status {status}); starting it again.")
        service.restarts.count(service.name)
        time.sleep(0.5)
        self.start(service)

    def show(self, service: Service, line: str) -> None:
        """Print a line with the name of its process; the first steps run alone and need none."""
        if service not in self.services:
            say(line)
            return
        say(f"{service.name:6} | {line}")
        with (self.logs / f"{service.name}.log").open("a") as log:
            log.write(f"{line}\n")

    def wait_until_ready(self, url: str) -> None:
        deadline = time.monotonic() + READY_LIMIT
        last = "none"
        while True:
            asked = time.monotonic()
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  our own address
                    if answer.status == 200:
                        return
            except urllib.error.HTTPError as error:
                last = f"{error.code} {error.read(500).decode(errors='replace')}"
            except OSError as error:
                last = str(error)
            if time.monotonic() > deadline:
                raise StepError(f"{url} is still not ready after {READY_LIMIT:.0f} seconds. Its last answer: {last}")
            # Each answer is a line of the web server, which is printed: asking again at once would fill the screen.
            while time.monotonic() < asked + ASK_AGAIN_AFTER:
                self.look()

    def end(self) -> None:
        """End the services together, then the servers they use."""
        for service in self.services:
            if service.child:
                processes.ask_to_stop(service.child)
        deadline = time.monotonic() + processes.STOP_GRACE
        while any(service.child and not service.ended() for service in self.services) and time.monotonic() < deadline:
            for key, _ in self.selector.select(timeout=0.05):
                key.data.lines()  # a full pipe would hold it up; its farewell is of no interest
        for service in self.services:
            if service.child:
                processes.kill(service.child)
        for _, server, _ in reversed(self.servers):
            server.stop()
        for child in reversed(processes.still_running()):
            processes.stop(child)


def _end(number: int, frame: FrameType | None) -> None:
    """Leave whatever we are in, once; later signals find us ending already."""
    for known in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(known, signal.SIG_IGN)
    raise Ended


def main() -> int:
    """Run the demo; returns the exit status."""
    try:
        lock = instance.take(say)
    except instance.AlreadyRunningError as error:
        say(str(error))
        return 1
    processes.hold_until_all_ended(lock.fileno())
    supervisor = Supervisor(lock)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    status = 1
    try:
        supervisor.run()
    except Ended:
        say("\nEnding …")
        status = 0
    except (StepError, ServerError, GivenUpError, OSError, LookupError) as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        supervisor.end()
    if status == 0:
        say("Everything has ended; the data are kept for the next `make run`.")
    return status


def reset() -> int:
    """Throw the demo's data away; returns the exit status."""
    try:
        lock = instance.take(say)
    except instance.AlreadyRunningError as error:
        say(f"{error}\nEnd it first.")
        return 1
    for place in places.STATE.iterdir():
        if place.name in ("run.lock", "bootstrap.lock"):
            continue
        shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    shutil.rmtree(places.outside(), ignore_errors=True)
    lock.close()
    say("The demo's data are gone; the next `make run` loads them afresh.")
    return 0
