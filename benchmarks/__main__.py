"""`make bench`: starts servers of its own, fills them, and prints ratios measured in one run."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from reseller_console.local import places, processes
from reseller_console.local.postgres import Postgres
from reseller_console.local.valkey import Valkey

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    "DEMO": "1",
    "SECRET_KEY": "only-for-benchmarks-" + 40 * "x",
    "ALLOWED_HOSTS": "127.0.0.1",
    "LOG_LEVEL": "ERROR",
    # A quota would end the measuring under load.
    "API_READS_PER_MINUTE": "100000000",
}
NAMES = [
    "reading",
    "saving",
    "applying",
    "directory",
    "finding",
    "organisations",
    "importing",
    "bulk",
    "licensing",
    "telling",
    "attaching",
    "memory",
    "pages",
    "api",
    "auditing",
    "sealing",
]


def main() -> None:
    """Run the benchmarks that the command line names, by default all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument(
        "--small",
        action="store_true",
        help="a twentieth of the market, to try the benchmarks out",
    )
    parser.add_argument("--large", action="store_true", help="ten times the market, with the same largest reseller")
    parser.add_argument("--events", type=int, help="events of one customer in the audit log (auditing)")
    arguments = parser.parse_args()
    if arguments.events:
        os.environ["BENCHMARK_EVENTS"] = str(arguments.events)
    postgres = Postgres(places.temporary(processes.server_account()))
    valkey = Valkey(Path(tempfile.mkdtemp()))
    try:
        postgres.start()
        valkey.start()
        postgres.create_database()
        os.environ.update(ENVIRONMENT, DATABASE_URL=postgres.url(), REDIS_URL=valkey.url)
        benchmark(arguments.names, small=arguments.small, large=arguments.large)
    finally:
        valkey.stop()
        postgres.remove()


def benchmark(names: list[str], *, small: bool, large: bool) -> None:
    """Fill the database and run each benchmark."""
    import django  # noqa: PLC0415  only now are the servers known that the settings name

    django.setup()
    from importlib import import_module  # noqa: PLC0415

    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from accounts.database.time_limits import LONG_WORK, limit_role  # noqa: PLC0415
    from benchmarks.generate import Shape, generate  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    limit_role(LONG_WORK)
    connection.close()  # what is open keeps its limits
    began = time.perf_counter()
    shape = Shape(resellers=10_000, customers=1_000_000) if large else Shape()
    shape = Shape(resellers=50, customers=22_000, subscriptions_each=10) if small else shape
    generate(shape)
    print(
        f"{shape.customers:,} customers and {shape.customers * shape.subscriptions_each:,} subscriptions",
        end=" ",
    )
    print(
        f"of {shape.resellers:,} resellers made in {time.perf_counter() - began:.0f} s",
        file=sys.stdout,
    )
    for name in names:
        import_module(f"benchmarks.{name}").run()


if __name__ == "__main__":
    main()
