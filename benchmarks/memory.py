"""What the processes hold in memory after they have worked."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request

import psutil

from reseller_console.local.postgres import APPLICATION, USER, make_roles
from reseller_console.local.valkey import free_port


def run() -> None:
    """Start web and worker, use them, print their resident and their own (unique) memory."""
    port = free_port()
    web = [sys.executable, *f"-m gunicorn reseller_console.wsgi -b 127.0.0.1:{port} -w 1 --threads 4".split()]
    worker = [sys.executable, "-m", "celery", "-A", "reseller_console", "worker", "-c", "1", "-l", "error"]
    started = [
        subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in (web, worker)
    ]
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5).read()
            except OSError:
                time.sleep(0.2)
        print("\nMemory")
        for name, process in zip(
            ("web: gunicorn, one worker of four threads", "worker: celery, one child"),
            started,
            strict=True,
        ):
            if process.poll() is not None:
                sys.exit(f"{name}: it has not started, so there is nothing to measure.")
            tree = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            own = sum(p.memory_full_info().uss for p in tree) / 2**20
            print(f"  {name:<58} {own:>9.0f} MiB in {len(tree)} processes")
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def environment() -> dict[str, str]:
    """The processes connect as the application, which is all that they accept; files go where nothing stays."""
    url = os.environ["DATABASE_URL"]
    make_roles(url)
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "reseller_console.settings",
        "DATABASE_URL": url.replace(f"{USER}@", f"{APPLICATION}@"),
        "MEDIA_ROOT": tempfile.gettempdir(),
    }
