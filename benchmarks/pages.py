"""What a page costs: CPU per request beside a stock Django admin changelist of the same rows, and under load."""

from __future__ import annotations

import http.client
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import psutil
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse

from accounts.models import Customer, Reseller, RoleAssignment, User
from accounts.roles import Role
from benchmarks import directory
from benchmarks.memory import environment
from benchmarks.settings import STOCK, STOCK_BACKEND
from reseller_console import garbage
from reseller_console.local.valkey import free_port

ROUNDS = 40
CONNECTIONS = (2, 8, 32)
SECONDS, TURNS = 3, 4
# Goals, as parts of what a changelist costs.
OF_A_LIST, OF_NO_LIST = 0.75, 0.2

_FILL = """
    INSERT INTO accounts_device (customer_id, org_unit_id, user_id, kind, serial_number, model, os_version, status,
        last_seen_at)
    SELECT %(customer)s, u.org_unit_id, u.id, 'android', 'S' || u.id, 'Pixel 9', '16', 'approved', now()
    FROM accounts_user u WHERE u.customer_id = %(customer)s ORDER BY u.id LIMIT 5000;

    INSERT INTO accounts_auditevent (at, name, customer_id, actor_id, actor_email, actor_organisation, actor_kind,
        on_behalf_of, subject, old_value, new_value, ip_address)
    SELECT now() - i * interval '1 minute', (ARRAY['CREATE_USER', 'CHANGE_USER', 'ASSIGN_ROLE'])[i %% 3 + 1],
           %(customer)s, NULL, 'admin@big.example', 'Big', 'customer', '', 'person' || i || '@big.example',
           '{"name": "Before"}', '{"name": "After"}', '192.0.2.1'
    FROM generate_series(1, 5000) i;

    INSERT INTO accounts_directorygroup (customer_id, email, name, sort_name, description, who_may_join, who_may_post,
        who_may_see_members)
    SELECT %(customer)s, 'group' || i || '@big.example', 'Group ' || i, 'group ' || i, 'What group ' || i || ' is for',
           'organisation', 'organisation', 'organisation'
    FROM generate_series(1, 500) i;

    INSERT INTO accounts_groupmember (customer_id, group_id, user_id, role)
    SELECT %(customer)s, g.id, u.id, 'member'
    FROM accounts_directorygroup g JOIN accounts_user u ON u.customer_id = g.customer_id AND u.id %% 500 = g.id %% 500
    WHERE g.customer_id = %(customer)s AND u.id < 5000;

    INSERT INTO subscriptions_subscription (customer_id, reseller_id, sku_id, plan, status, suspension_reasons,
        number_of_seats, renewal_type, ends_at)
    SELECT %(customer)s, s.reseller_id, s.sku_id, s.plan, s.status, s.suspension_reasons, s.number_of_seats,
           s.renewal_type, s.ends_at + interval '1 day' * i
    FROM subscriptions_subscription s CROSS JOIN generate_series(1, 10) i WHERE s.customer_id = %(customer)s
"""


def signed_in(person: User, backend: str = "accounts.backends.SignInBackend") -> Client:
    """Return a browser in which a person is signed in."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(person, backend=backend)
    return client


def stock(person: User) -> Client:
    """Return one whose requests go through the middleware of a new Django project only."""
    with override_settings(**STOCK):
        client = signed_in(person, STOCK_BACKEND)
        client.handler.load_middleware()
    return client


def reseller_admin() -> User:
    """Make an admin of the largest reseller."""
    reseller = Reseller.objects.get(pk=1)
    person = User.objects.create(email="admin@reseller-1.example", name="Admin", reseller=reseller)
    RoleAssignment.objects.create(user=person, role=Role.RESELLER_ADMIN)
    return person


def cpu(ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the CPU of this process for each way, in milliseconds: the median of rounds in turn."""
    for way in list(ways.values()) * 3:
        way()
    garbage.look_less_often()
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.process_time()
            way()
            seen[name].append((time.process_time() - began) * 1000)
    return {name: statistics.median(times) for name, times in seen.items()}


def opening(client: Client, url: str) -> Callable[[], object]:
    """Return what asks for a page and makes sure that it came."""

    def ask() -> None:
        response = client.get(url)
        assert response.status_code == 200, (url, response.status_code)

    return ask


def run() -> None:
    """Print the tables."""
    customer, admin = directory.fill()
    seller = reseller_admin()
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"customer": customer.pk})
        cursor.execute("VACUUM (ANALYZE)")
    ours, theirs, partner = signed_in(admin), stock(admin), signed_in(seller)
    print("\nCPU of a page, warm; lists with 50 rows")
    for name, client, url, model in (
        ("users", ours, console("users", customer), "accounts/user"),
        ("groups", ours, console("groups", customer), "accounts/directorygroup"),
        ("devices", ours, console("devices", customer), "accounts/device"),
        ("subscriptions", ours, console("subscriptions", customer), "subscriptions/subscription"),
        ("audit log", ours, console("audit_log", customer), "accounts/auditevent"),
        ("customers of a reseller", partner, reverse("reseller_customers"), "subscriptions/accessgrant"),
    ):
        compare(name, opening(client, url), opening(theirs, f"/stock/{model}/"), OF_A_LIST)
    users = opening(theirs, "/stock/accounts/user/")
    compare("account, a page without a list", opening(ours, console("account_settings", customer)), users, OF_NO_LIST)
    for name, client, url in (
        ("home", ours, console("console_home", customer)),
        ("reseller access", ours, console("reseller_access", customer)),
        ("home of a reseller", partner, reverse("reseller_home")),
    ):
        compare(name, opening(client, url), users)
    under_load(ours, [console(name, customer) for name in ("audit_log", "users", "devices", "account_settings")])


def compare(name: str, page: Callable[[], object], changelist: Callable[[], object], goal: float | None = None) -> None:
    """Print what a page costs beside a changelist."""
    found = cpu({"page": page, "stock": changelist})
    ratio = found["page"] / found["stock"]
    said = f"   goal {goal}" if goal else ""
    print(f"  {name:<32} {found['page']:>6.1f} ms {found['stock']:>6.1f} ms stock {ratio:>6.2f} x{said}", flush=True)


def console(name: str, customer: Customer) -> str:
    """Return the URL of a page of a console."""
    return reverse(name, kwargs={"domain": customer.primary_domain})


def served(port: int) -> subprocess.Popen[bytes]:
    """Start two web workers."""
    command = [sys.executable, "-m", "gunicorn", "reseller_console.wsgi", "-b", f"127.0.0.1:{port}", "-w", "2"]
    command += ["--threads", "4", "--config", "python:reseller_console.web_server"]
    command += ["--worker-class", "reseller_console.web_server.Worker", "--keep-alive", "75", "--no-control-socket"]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def rates(port: int, url: str, headers: dict[str, str]) -> None:
    """Print how many requests a second are answered over few and many connections."""
    ask_for(port, [url], headers, 8, seconds=SECONDS)  # warm
    print(f"\nRequests per second, two web workers, {url}")
    answered = dict.fromkeys(CONNECTIONS, 0)
    for _ in range(TURNS):
        for number in CONNECTIONS:
            answered[number] += ask_for(port, [url], headers, number, seconds=SECONDS)
    best = max(answered.values())
    for number, times in answered.items():
        rate = times / TURNS / SECONDS
        print(f"  {number:>3} connections {rate:>8.1f} /s {times / best:>6.2f} x the best   goal 0.9", flush=True)


def under_load(client: Client, urls: list[str]) -> None:
    """Print how many requests a second two web workers answer, and what memory they hold in the long run."""
    port = free_port()
    web = served(port)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    headers = {"Cookie": cookie}
    try:
        wait_for(port)
        rates(port, urls[0], headers)
        print("\nMemory of two web workers after so many requests more")
        asked, held = 0, list[float]()
        for number in (1_000, 9_000):
            asked += ask_for(port, urls, headers, 4, number=number)
            held.append(memory_of(web.pid))
            print(f"  {asked:>6,} {held[-1]:>6.0f} MiB {held[-1] / held[0]:>6.2f} x the first", flush=True)
    finally:
        web.terminate()
        web.wait()


def memory_of(pid: int) -> float:
    """Return what a process and its children hold for themselves, in MiB."""
    tree = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return sum(process.memory_full_info().uss for process in tree) / 2**20


def wait_for(port: int) -> None:
    """Wait until a server answers."""
    for _ in range(200):
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            asked.request("GET", "/health/live")
            asked.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError


def ask_for(
    port: int, urls: list[str], headers: dict[str, str], connections: int, *, seconds: float = 3600, number: int = 10**9
) -> int:
    """Ask for pages in turn over so many connections, so long or so often; return the number of answers."""
    until, numbers = time.monotonic() + seconds, [0] * connections

    def ask(place: int) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while time.monotonic() < until and sum(numbers) < number:
            url = urls[numbers[place] % len(urls)]
            line.request("GET", url, headers={**headers, "Host": "127.0.0.1"})
            response = line.getresponse()
            response.read()
            assert response.status == 200, response.status
            numbers[place] += 1
        line.close()

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(numbers)
