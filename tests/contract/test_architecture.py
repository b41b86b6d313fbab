"""What the code may not do, read from the code itself. Every exemption has a reason, and a stale one fails."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from django.apps import apps
from django.db.models import Manager, Model, signals

from tests.contract import areas
from tests.contract.ours import OURS, ROOT, name_of, sources


def calls_and_names(path: Path) -> Iterator[ast.AST]:
    return ast.walk(ast.parse(path.read_text(), str(path)))


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
    "web/middleware.py": "how long a session lasts, which Django counts so too",
    "accounts/moments.py": "what the reader's clock calls today",
    "web/templatetags/console.py": "when a page was printed",
    "accounts/sign_in/own_sessions.py": "when a browser was seen, which allauth dates by the same clock",
    "web/console/audit_log.py": "the name of a file",
    "reseller_console/health.py": "how far the two are apart",
    "demo/visits.py": "the demo's days",
    "web/console/billing.py": "the name of a file, and the month of a payment card",
    "web/console/users.py": "the name of a file",
    "web/cases/lists.py": "the name of a file",
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
    "web/audit/lines.py: Customer": "the names of customers, for events that a scope has found",
    "web/cases/forms.py: User": "none; the view fills the choice",
    "web/console/forms/users_filter.py: RoleAssignment": "a condition on people whom a scope has found",
    "web/console/outsiders.py: ConsoleSession": "of the guard's own customer",
    "web/console/support_overview.py: Reseller": "whom a customer may choose as a partner",
    "web/guards.py: Customer": "the one in the URL, on whom the guard then asks for the permission",
    "web/orders/forms.py: Sku": "the vendor's catalogue, the same for everybody",
    "web/orders/lines.py: Order": "of the guard's own customer, or of a subscription that a scope has found",
    "web/personal/help.py: HelpFeedback": "stores an answer that names nobody",
    "web/reseller/staff/teams.py: Team": "always narrowed to request.reseller, the guard's own reseller",
    "web/reseller/staff/people.py: User": "always narrowed to request.reseller, the guard's own reseller",
    "web/console/transfer_tokens.py: Product": "the vendor's catalogue, the same for everybody",
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
    "web/guards.py": "who may enter",
    "web/navigation.py": "which pages of a reseller or of the vendor are in the menu",
    "web/personal/home.py": "sends each person to the first page that its roles open",
    "web/reseller/staff/people.py": "shows the roles of an agent and why it sees what it sees",
}


# --- Verbs ---------------------------------------------------------------------------------------------

VERB_MODULES = (
    "accounts.directory.people",
    "accounts.organisations",
    "accounts.staffing",
    "accounts.unstaffing",
    "accounts.console_sessions.entering",
    "subscriptions.access.desired",
    "subscriptions.access.relation",
    "subscriptions.access.retrying",
    "subscriptions.lifecycle",
    *(module for area in areas.ALL for module in area.verb_modules),
)
FOLLOWS = "follows from a verb of lifecycle.py, which has the actor; what follows is the system's own doing"
# Public functions there that change nothing, or nothing that anybody else could see, each with its reason.
NO_VERBS = {
    "accounts.organisations.claim_domain": "a question that keeps its answer true; it writes nothing",
    "accounts.organisations.clean_domain": "spelling",
    "accounts.organisations.clean_name": "spelling",
    "accounts.organisations.refuse_duplicate": "turns an error into words",
    "accounts.organisations.stored_sort_key": "spelling",
    "accounts.directory.people.save_preferences": "how one's own pages look: the person is the actor",
    "accounts.staffing.assigned_sql": "a piece of SQL",
    "accounts.staffing.counted": "a query set",
    "accounts.staffing.customers_of": "a query set",
    "accounts.staffing.customers_of_agent_itself": "a query set",
    "accounts.staffing.customers_of_team": "a query set",
    "accounts.staffing.members_of": "a query set",
    "accounts.staffing.teams_of": "a query set",
    "accounts.staffing.ways_to": "a question",
    "accounts.staffing.works_for_sql": "a piece of SQL",
    "subscriptions.access.relation.begin_relation": FOLLOWS,
    "subscriptions.access.relation.contract_would_open": "a question",
    "subscriptions.access.relation.end_contract": "follows from a verb of support/partners.py, which has the actor",
    "subscriptions.access.relation.end_relation": FOLLOWS,
    "subscriptions.access.relation.end_subscription_access": FOLLOWS,
    "subscriptions.access.relation.sold_to": "a question",
    "subscriptions.access.retrying.failed_changes": "a query set",
    "subscriptions.access.retrying.overdue_changes": "a query set",
} | {name: why for area in areas.ALL for name, why in area.no_verbs.items()}


def public_functions(module: ModuleType) -> dict[str, inspect.Signature]:
    return {
        f"{module.__name__}.{name}": inspect.signature(function)
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    }


def is_verb(signature: inspect.Signature) -> bool:
    """Keyword-only throughout, with an actor that has no default."""
    actor = signature.parameters.get("actor")
    keyword_only = all(parameter.kind is parameter.KEYWORD_ONLY for parameter in signature.parameters.values())
    return actor is not None and actor.default is actor.empty and keyword_only


def test_every_verb_takes_keywords_and_an_actor_without_default() -> None:
    functions = {name: s for module in VERB_MODULES for name, s in public_functions(import_module(module)).items()}
    assert {name for name, signature in functions.items() if not is_verb(signature)} == set(NO_VERBS)
    assert len(functions) - len(NO_VERBS) >= 20


def test_saves_name_the_fields_they_write() -> None:
    """A save without update_fields writes back what somebody else changed meanwhile; a first one loses nothing."""
    found = {
        f"{name_of(path)}:{node.lineno}"
        for path in sources(*OURS)
        for node in calls_and_names(path)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "save"
        and not {keyword.arg for keyword in node.keywords} & {"update_fields", "force_insert"}
        and "session" not in ast.unparse(node.func)
        and name_of(path) != "accounts/console_sessions/browser_sessions.py"  # whose rows are Django's
    }
    assert found == set()


# --- Models ----------------------------------------------------------------------------------------------

# Where it is proved that one tenant never sees another's rows of a model: test file, and a name that stands in it.
SCOPE_TESTS = {
    "accounts.AuditEvent": ("tests/web/console/test_audit_log.py", "stranger"),
    "accounts.Customer": ("tests/contract/test_mirror.py", "test_no_address_of_one_tenant_exists_for_the_other"),
    "accounts.CustomerAgent": ("tests/accounts/test_staffing.py", "test_"),
    "accounts.CustomerTeam": ("tests/accounts/test_staffing.py", "test_"),
    "accounts.Team": (
        "tests/contract/test_mirror.py",
        "test_forged_ids_in_every_field_reach_no_row_of_the_other_tenant",
    ),
    "accounts.User": ("tests/contract/test_mirror.py", "test_no_page_of_one_tenant_says_anything_about_the_other"),
    "subscriptions.AccessChange": ("tests/contract/test_mirror.py", "test_no_page_of_one_tenant_says_anything_about"),
    "subscriptions.AccessGrant": ("tests/access/test_scope.py", "test_"),
    "subscriptions.Subscription": ("tests/web/console/test_subscriptions_page.py", "out_of_scope_does_not_exist"),
    "support.Attachment": ("tests/support/test_attachments.py", "test_a_file_of_another_case_or_customer_is_not_found"),
    "support.Case": (
        "tests/support/test_scope.py",
        "test_S6_an_active_partner_sees_every_case_of_its_service",
    ),
    "support.CaseEvent": ("tests/contract/test_mirror.py", "test_no_page_of_one_tenant_says_anything_about_the_other"),
    "support.SupportAssignment": (
        "tests/contract/test_mirror.py",
        "test_forged_ids_in_every_field_reach_no_row_of_the_other_tenant",
    ),
} | {label: test for area in areas.ALL for label, test in area.scope_tests.items()}
NO_TENANT = {
    "accounts.Heartbeat": "says that a process works; nothing of a tenant is in it",
    "accounts.Sweep": "says when a kind of work was looked for; nothing of a tenant is in it",
    "accounts.HelpFeedback": "names nobody, and no page shows it",
    "accounts.Mail": "read by the worker that sends it; no page shows it",
    "accounts.Reseller": "its name is known to whoever is its customer; rows about it are scoped by the models above",
    "accounts.RoleAssignment": "read through its person only",
    "subscriptions.Product": "the vendor's catalogue, the same for everybody",
    "subscriptions.Sku": "the vendor's catalogue, the same for everybody",
    "support.CareMigration": "says that a customer has moved; asked by verbs, and no page shows it",
    "support.LookUp": "counts look-ups; no page shows it",
    "support.Subscriber": "read through its case only",
    "subscriptions.Restore": "says when a backup was restored; what it closed of a customer is in its access changes",
} | {label: why for area in areas.ALL for label, why in area.no_tenant.items()}
MODELS: list[type[Model]] = [m for m in apps.get_models() if m._meta.app_label in OURS]


def test_every_model_has_a_tenant_test_or_a_reason() -> None:
    assert {model._meta.label for model in MODELS} == SCOPE_TESTS.keys() | NO_TENANT.keys()
    assert not SCOPE_TESTS.keys() & NO_TENANT.keys()


@pytest.mark.parametrize(("label", "test"), SCOPE_TESTS.items(), ids=[*SCOPE_TESTS])
def test_the_tenant_test_of_a_model_exists(label: str, test: tuple[str, str]) -> None:
    path, name = test
    assert f"def test_{name.removeprefix('test_')}" in (text := (ROOT / path).read_text()) or name in text
    assert label.partition(".")[0] in OURS


@pytest.mark.parametrize("model", MODELS, ids=[model._meta.label for model in MODELS])
def test_constraints_and_indexes_say_what_they_are_for(model: type[Model]) -> None:
    """Named by hand, and no model has permissions that nobody thought of."""
    names = [constraint.name for constraint in model._meta.constraints] + [i.name for i in model._meta.indexes]
    assert [name for name in names if name.endswith(("_idx", "_uniq", "_check"))] == []
    assert model._meta.default_permissions == ()
    assert isinstance(model._default_manager, Manager)


# --- One way ---------------------------------------------------------------------------------------------

# From the lowest package up, as the import contracts of pyproject.toml have them.
PACKAGES = (("accounts",), ("subscriptions",), ("support", "jobs"), ("web", "demo"), ("reseller_console",))
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
WITH_WHAT_WAS_BOUGHT = {"delete_user", "delete_user_with_licences", "remove_org_unit"}


def test_pages_and_jobs_delete_with_what_was_bought() -> None:
    found = {
        (name_of(path), ast.unparse(node.value))
        for path in sources("web", "jobs", "support", "demo")
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
    "tests/browser/conftest.py": "needs Chromium",
    "tests/front/nginx.py": "needs nginx",
    "tests/image/test_image.py": "needs the image, which .ci/run builds",
    "tests/local/test_bootstrap.py": "needs uv",
    "tests/local/test_postgres.py": "only root starts servers as another account",
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
