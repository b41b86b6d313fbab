"""What the code may not do, read from the code itself. Every exemption has a reason, and a stale one fails."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.db.models import signals

from tests.contract import areas
from tests.contract.ours import MODELS, OURS, ROOT, calls_and_names, name_of, sources


def imports(path: Path) -> set[str]:
    """Return the modules that a file imports."""
    found = set()
    for node in calls_and_names(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


# --- No signals --------------------------------------------------------------------------------------


def test_no_signals_are_used() -> None:
    used = {name_of(path) for path in sources(*OURS) if any("signals" in module for module in imports(path))}
    assert used == set()


def test_no_receiver_of_ours_listens_to_a_model() -> None:
    heard = [signals.pre_save, signals.post_save, signals.pre_delete, signals.post_delete, signals.m2m_changed]
    receivers = [receiver for signal in heard for _key, receiver, *_ in signal.receivers]
    modules = {getattr(ref(), "__module__", "") for ref in receivers if callable(ref)}
    assert not [module for module in modules if str(module).partition(".")[0] in OURS]


# --- One door each --------------------------------------------------------------------------------------


def test_messages_are_sent_by_the_tasks_alone() -> None:
    """No `.delay`, `apply_async` or `send_task` but where workers are nudged: the row is the work."""
    senders = {"delay", "delay_on_commit", "apply_async", "apply_async_on_commit", "send_task"}
    found = {
        name_of(path)
        for path in sources(*OURS)
        for node in calls_and_names(path)
        if isinstance(node, ast.Attribute) and node.attr in senders
    }
    assert found == {"accounts/background/nudging.py"}


# For what these ask the clock of their own machine; what is stored or compared with a row asks the database's.
OTHER_CLOCKS = {
    "accounts/figures.py": "the months below a drawing",
    "accounts/audit_log.py": "which months of the log are read first; what is found is the same",
    "web/middleware.py": "how long a session lasts, which Django counts so too",
    "accounts/console_sessions/browser_sessions.py": "when a session has expired, which Django dates by the same clock",
    "accounts/rate_limits.py": "how long a limit holds, which allauth counts so too",
    "accounts/proof.py": "how old a proof is, counted like how long a session lasts",
    "accounts/single_sign_on/client.py": "when a provider was asked, compared with its clock to the minute",
    "accounts/moments.py": "what the reader's clock calls today",
    "web/templatetags/console.py": "when a page was printed",
    "accounts/sign_in/own_sessions.py": "when a browser was seen, which allauth dates by the same clock",
    "web/console/audit_log.py": "the name of a file",
    "web/readiness.py": "how far the two are apart",
    "demo/visits.py": "the demo's days",
    "web/console/billing.py": "the name of a file, and the month of a payment card",
    "web/console/users.py": "the name of a file",
    "web/cases/lists.py": "the name of a file",
    "web/reseller/customer_list.py": "the name of a file",
    "support/stored_files.py": "the age of a file, which the same machine has dated",
}


def test_only_the_clock_of_the_database_decides() -> None:
    """timezone.now(), localdate(), datetime.now(), date.today() and time.time() ask the clock of this machine."""
    clocks = {
        ("timezone", "now"),
        ("timezone", "localdate"),
        ("datetime", "now"),
        ("datetime", "utcnow"),
        ("datetime", "today"),
        ("date", "today"),
        ("time", "time"),
    }
    asked = {
        name_of(path)
        for path in sources(*OURS)
        for node in calls_and_names(path)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in clocks
    }
    assert asked == set(OTHER_CLOCKS)


def test_guardian_is_known_to_staffing_alone() -> None:
    found = {name_of(path) for path in sources(*OURS) if any(m.partition(".")[0] == "guardian" for m in imports(path))}
    assert found == {"accounts/staffing.py", "accounts/models/staffing.py"}


def test_events_are_written_by_the_audit_module_alone() -> None:
    """A1: nothing but accounts.audit makes an AuditEvent."""
    found = {
        name_of(path)
        for path in sources(*OURS)
        for node in calls_and_names(path)
        if isinstance(node, ast.Call)
        and "AuditEvent" in (written := ast.unparse(node.func))
        and "filter" not in written
    }
    allowed = {"accounts/audit.py", "accounts/audit_log.py", "subscriptions/access/reconcile.py"}
    assert found - allowed == set()
    assert "accounts/audit.py" in found


# --- Pages ---------------------------------------------------------------------------------------------

VIEWS = sources("web")

# Queries that a view begins by itself, each with the reason why it needs no scope of its own.
QUERIES_IN_VIEWS = {
    "web/audit/filter.py: AccessGrant": "whose names the guard's own customer is offered as a filter",
    "web/audit/filter.py: Address": "the addresses of an actor, for events that a scope has found",
    "web/audit/filter.py: Customer": "the number of a domain, for events that a scope has found",
    "web/audit/filter.py: Reseller": "those of the two others",
    "web/audit/filter.py: SupportAssignment": "as AccessGrant",
    "web/audit/targets.py: Case": "of the guard's own customer, for its own people who may see cases",
    "web/audit/targets.py: DirectoryGroup": "of the guard's own customer",
    "web/audit/targets.py: OrgUnit": "of the guard's own customer",
    "web/audit/lines.py: Customer": "the names of customers, for events that a scope has found",
    "web/cases/forms.py: User": "none; the view fills the choice",
    "web/console/forms/users_filter.py: RoleAssignment": "a condition on people whom a scope has found",
    "web/console/outsiders.py: ConsoleSession": "of the guard's own customer",
    "web/console/support_overview.py: Reseller": "whom a customer may choose as a partner",
    "web/audit/targets.py: Domain": "narrowed to the customer whose log it is",
    "web/guards.py: Customer": "the one in the URL, on whom the guard then asks for the permission",
    "web/orders/forms.py: Sku": "the vendor's catalogue, the same for everybody",
    "web/orders/lines.py: Order": "of the guard's own customer, or of a subscription that a scope has found",
    "web/personal/help.py: HelpFeedback": "stores an answer that names nobody",
    "web/reseller/staff/teams.py: Team": "always narrowed to request.reseller, the guard's own reseller",
    "web/reseller/staff/people.py: User": "always narrowed to request.reseller, the guard's own reseller",
    "web/console/transfer_tokens.py: Product": "the vendor's catalogue, the same for everybody",
    "web/reseller/customer_list.py: User": "reads the person of a download again, so that a right that ended ends it",
    "web/cases/lists.py: User": "reads the person of an export again, so that a right that ended ends it",
} | {query: why for area in areas.ALL for query, why in area.queries_in_views.items()}


def test_views_begin_no_query_outside_the_scopes() -> None:
    """A list or an object comes from a scope: access/scope.py, access/overview.py, trail.py, retrying.py."""
    found = {
        f"{name_of(path)}: {ast.unparse(node.value)}"
        for path in VIEWS
        for node in calls_and_names(path)
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    }
    found |= {
        f"{name_of(path)}: {ast.unparse(node.args[0])}"
        for path in VIEWS
        for node in calls_and_names(path)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "OneRow"
    }
    assert found == set(QUERIES_IN_VIEWS)


def test_the_queries_of_the_staff_page_are_narrowed_to_its_reseller() -> None:
    text = "".join(path.read_text() for path in sources("web/reseller/staff"))
    begun = text.count(".objects.")
    narrowed = text.count(".objects.filter(reseller=request.reseller") + text.count(
        'select_related("group"), reseller=request.reseller'
    )
    assert begun == narrowed


def test_views_never_ask_for_roles() -> None:
    """Who may enter is the guard's, who may see what is the scope's; `home` alone sorts people by role."""
    found = {
        name_of(path)
        for path in VIEWS
        for node in calls_and_names(path)
        if isinstance(node, ast.Attribute) and node.attr == "roles" and "form" not in ast.unparse(node).lower()
    }
    assert found == set(ROLES_IN_VIEWS)


ROLES_IN_VIEWS = {
    "web/console/forms/people.py": "the roles of the person whom the form is about",
    "web/console/users_list.py": "shows the roles of the people in the list",
    "web/guards.py": "who may enter",
    "web/navigation.py": "which pages of a reseller or of the vendor are in the menu",
    "web/personal/home.py": "sends each person to the first page that its roles open",
    "web/reseller/staff/people.py": "shows the roles of an agent and why it sees what it sees",
    "web/vendor/people.py": "shows a person's roles to an operator",
}


# --- One way ---------------------------------------------------------------------------------------------

# From the lowest package up, as the import contracts of pyproject.toml have them.
PACKAGES = (("accounts",), ("subscriptions",), ("support", "jobs"), ("web", "api", "demo"), ("reseller_console",))
RANKS = {package: rank for rank, packages in enumerate(PACKAGES) for package in packages}


def arrows_up() -> dict[str, int]:
    """Return the names under which rows of a higher package hang from ours, and the rank of the lowest that may."""
    found: dict[str, int] = {}
    for model in MODELS:
        for relation in model._meta.related_objects:
            above = RANKS.get(relation.related_model._meta.app_label, 0)
            if above > RANKS[model._meta.app_label] and (name := relation.get_accessor_name()):
                found[name] = min(above, found.get(name, above))
    return found


def relations_read(path: Path) -> Iterator[str]:
    """Yield what could be a relation: attributes, and the parts of look-ups, as keywords and as texts."""
    for node in calls_and_names(path):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg:
            yield from node.arg.split("__")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and "__" in node.value:
            yield from node.value.split("__")


def test_no_package_reads_a_related_name_of_a_higher_one() -> None:
    """A row's related names need no import, and yet they lead up: who counts what hangs there stands above."""
    names = arrows_up()
    assert {"access_grants", "auto_licences", "cases"} <= names.keys()
    found = {
        f"{name_of(path)}: {name}"
        for package, rank in RANKS.items()
        for path in sources(package)
        for name in relations_read(path)
        if rank < names.get(name, 0)
    }
    assert found == set()


# Verbs that stand twice: the one in subscriptions knows what was bought, and calls the one in accounts.
WITH_WHAT_WAS_BOUGHT = {
    "delete_user",
    "delete_users",
    "delete_user_with_licences",
    "delete_users_with_licences",
    "remove_org_unit",
}


def test_pages_and_jobs_delete_with_what_was_bought() -> None:
    found = {
        (name_of(path), ast.unparse(node.value))
        for path in sources("web", "api", "jobs", "support", "demo")
        for node in calls_and_names(path)
        if isinstance(node, ast.Attribute) and node.attr in WITH_WHAT_WAS_BOUGHT
    }
    assert {module for _file, module in found} == {"leaving"}
    assert {file for file, _module in found} >= {"web/console/org_units.py", "web/console/user_changes.py"}


# --- Tests about the tests -----------------------------------------------------------------------------


def test_no_test_is_switched_off() -> None:
    """A skip says on what it waits: a browser that is not there. Nothing is expected to fail."""
    found = {
        name_of(path)
        for path in (ROOT / "tests").rglob("*.py")
        for node in calls_and_names(path)
        if isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "xfail"}
    }
    assert found == set(SKIPS)


SKIPS = {
    "tests/accounts/test_npm_provider.py": "needs Node and the package that .ci/run has npm install",
    "tests/api/test_examples.py": "needs curl, jq and openssl, or Node and the package that .ci/run has npm install",
    "tests/api/test_gam.py": "needs GAM, which .ci/run installs",
    "tests/browser/conftest.py": "needs Chromium",
    "tests/front/nginx.py": "needs nginx",
    "tests/image/test_image.py": "needs the image, which .ci/run builds",
    "tests/local/test_bootstrap.py": "needs uv",
    "tests/local/test_postgres.py": "only root starts servers as another account",
    "tests/prometheus.py": "needs Prometheus",
    "tests/local/test_processes.py": "only Linux tells a child that its parent ended",
    "tests/reseller_console/test_documented_commands.py": "needs a client of Docker",
    "tests/reseller_console/test_pgbouncer.py": "needs PgBouncer",
}


# --- Tests ----------------------------------------------------------------------------------------------


def test_no_test_module_imports_from_another() -> None:
    """What two of them need stands in a helper module: its name says what it is."""
    borrowed = {
        f"{name_of(path)}: {module}"
        for path in (ROOT / "tests").rglob("*.py")
        for module in imports(path)
        if module.startswith("tests.") and any(part.startswith("test_") for part in module.split("."))
    }
    assert borrowed == set()
