"""`make drill`: begins the cluster, makes the faults under load, judges, prints; 1: a promise was broken."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from drill.cluster import Cluster, missing
from drill.machines import Network, namespaces_are_allowed
from drill.plan import Kind, Planned, plan

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "reseller_console.settings",
    "DEMO": "1",
    "SECRET_KEY": "only-for-a-drill-" + 40 * "x",
    "ALLOWED_HOSTS": "localhost",
    "TRUSTED_PROXY_COUNT": "1",
    "LOG_LEVEL": "WARNING",
    # Seconds: what is saved comes into effect while the drill watches.
    "ACCESS_PROPAGATION_MEDIAN": "2",
    "ACCESS_PROPAGATION_MAX": "30",
    "ACCESS_SWEEP_INTERVAL": "2",
    # Nobody proves again who they are in the middle of it.
    "FRESH_PROOF_LASTS": "86400",
    "SESSION_IDLE_TIMEOUT": "43200",
}


def main() -> int:
    """Run the drill that the command line asks for."""
    parser = argparse.ArgumentParser(prog="make drill", description=__doc__)
    parser.add_argument("--faults", type=int, default=30)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="the same order of faults again")
    parser.add_argument("--loopback", action="store_true", help="without namespaces; nothing can be cut off then")
    arguments = parser.parse_args()
    if lacking := missing():
        packages = " ".join(sorted(set(lacking.values())))
        print(f"Not on this machine: {', '.join(lacking)}. On Debian: apt-get install {packages}", file=sys.stderr)
        return 2
    namespaces = not arguments.loopback and namespaces_are_allowed()
    if not namespaces:
        print("Without network namespaces, which take root: machines are killed and frozen, and not cut off.")
    kinds = tuple(Kind) if namespaces else (Kind.KILL, Kind.FREEZE)
    folder = Path(tempfile.mkdtemp(prefix="drill-"))
    folder.chmod(0o755)
    network = Network(folder, namespaces=namespaces)
    try:
        passed = drill(network, plan(arguments.faults, seed=arguments.seed, kinds=kinds), arguments.seed)
    finally:
        network.remove()
    if passed:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        print(f"The logs are in {folder}.")
    return 0 if passed else 1


def drill(network: Network, faults: list[Planned], seed: int) -> bool:
    """Begin the cluster, make all faults, and return whether every promise was kept."""
    cluster = Cluster(network)
    # Of one machine, and so of all: a bucket, where there are several.
    seals = {"AUDIT_SEALS_STORAGE": str(network.folder / "seals")}
    environment = {**os.environ, **ENVIRONMENT, **seals, "REDIS_URL": cluster.redis_url()}
    cluster.begin_apps(environment)
    os.environ.update(environment, DATABASE_URL=cluster.application_url())
    import django  # noqa: PLC0415  only now is it known where the database is

    django.setup()
    from drill.underway import under_load  # noqa: PLC0415

    print(f"{len(faults)} faults, --seed {seed}", flush=True)
    passed = under_load(cluster, faults)
    print(cluster.manage("reconcile_access", "--check", environment=environment).stdout)
    # Raises where the log is not what was sealed.
    print(cluster.manage("verify_audit", environment=environment).stdout)
    return passed


if __name__ == "__main__":
    sys.exit(main())
