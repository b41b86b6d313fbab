"""A change is authorised in the transaction that writes it: access that ends before a form is saved refuses the save.

For every form of the console that an agent may send, so that a new one is tried as soon as it stands in the matrix.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import ConsoleSession, Customer
from subscriptions.access import desired
from support import cases
from support.models.case import Priority
from support.models.partner import Service
from tests.contract import matrix
from tests.contract.cases import Sender, arguments
from tests.contract.crawl import content_of
from tests.contract.database import difference_since, now
from tests.contract.matrix import Line
from tests.contract.posts import POSTS
from tests.contract.resolver import addresses
from tests.contract.world import World
from web import guards

ROUTES = {address.name: address.route for address in addresses()}
LINES = matrix.lines()
PAGES = {line.name for line in LINES if line.method == "GET"}


def agents_of(line: Line) -> list[str]:
    """Return the roles of those inside for whom a form works."""
    people = zip(matrix.people(), line.letters, strict=True)
    return [role for (group, role), letter in people if group == "inside" and letter == "O"]


FORMS = [
    line for line in LINES if line.method == "POST" and ROUTES[line.name].startswith("console/") and agents_of(line)
]
every_form = pytest.mark.parametrize("line", FORMS, ids=[line.name for line in FORMS])


def an_agent(line: Line, world: World) -> Sender:
    role = agents_of(line)[-1]
    return Sender(world, world.client("inside", role), world.persons["inside", role])


def url_of(line: Line, world: World) -> str:
    return reverse(line.name, kwargs=arguments(line.name, ROUTES[line.name], world.acme, world))


def end_access(world: World) -> None:
    """Acme takes the console away from Resale One, at this instant (R8)."""
    admin = Actor(world.acme.people["super admin"])
    desired.remove_now(actor=admin, customer=world.acme.customer, reseller_id=world.acme.reseller.pk)


def test_agents_have_forms_in_the_console() -> None:
    assert len(FORMS) >= 3


@every_form
def test_R11_access_that_ends_between_opening_a_form_and_saving_it_refuses_the_save(
    line: Line, db: None, world: World
) -> None:
    agent = an_agent(line, world)
    data = POSTS[line.name].data(agent)
    url = url_of(line, world)
    if line.name in PAGES:
        assert agent.client.get(url).status_code in (200, 302)
    end_access(world)
    before = now()
    assert agent.client.post(url, data).status_code == 403
    assert not difference_since(before)


@every_form
def test_R11_access_that_ends_between_the_guard_and_the_verb_refuses_the_save(
    line: Line, db: None, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard has let the request in; then the customer saves. What is written asks again."""
    agent = an_agent(line, world)
    data = POSTS[line.name].data(agent)
    let_in = guards._enter_console  # noqa: SLF001  the moment after it cannot be met from outside
    ended = []

    def let_in_and_end(request: Any, domain: str, permission: Any) -> HttpResponse | None:
        answer = let_in(request, domain, permission)
        assert answer is None
        end_access(world)
        ended.append(now())
        return None

    monkeypatch.setattr(guards, "_enter_console", let_in_and_end)
    response = agent.client.post(url_of(line, world), data)
    content_of(response)
    assert len(ended) == 1
    # A verb that refuses is 403, an object that went out of scope meanwhile 404; a form is shown again with its errors.
    assert response.status_code in (403, 404, 422, 200)
    assert not difference_since(ended[0])


def test_R11_a_verb_refuses_an_actor_whose_access_has_just_ended(db: None, world: World) -> None:
    agent, acme = world.acme.staff["agent"], world.acme
    draft = cases.Draft(Service.GOOGLE_WORKSPACE, "mail.spam", "More spam", "Today.", Priority.P2, "en", "UTC")
    assert cases.file_case(actor=Actor(agent), customer=acme.customer, draft=draft, files=[]).pk
    end_access(world)
    before = now()
    with pytest.raises(PermissionDenied):
        cases.file_case(actor=Actor(agent), customer=acme.customer, draft=draft, files=[])
    assert not difference_since(before)


def test_R15_a_session_that_the_customer_ended_refuses_the_save_too(db: None, world: World) -> None:
    """Access goes on, so the agent is sent to enter again; nothing of the form is written."""
    for line in FORMS:
        ConsoleSession.objects.filter(customer=world.acme.customer).update(ended_at=None, ended_because="")
        agent = an_agent(line, world)
        data, url = POSTS[line.name].data(agent), url_of(line, world)
        assert agent.client.get(reverse("console_home", args=[world.acme.domain])).status_code == 200
        _end_sessions(world.acme.customer)
        before = now()
        response = agent.client.post(url, data)
        assert response.headers["Location"] == reverse("enter_console", args=[world.acme.domain]), line.name
        assert not difference_since(before), line.name


def _end_sessions(customer: Customer) -> None:
    open_ones = ConsoleSession.objects.filter(customer=customer, ended_at=None)
    open_ones.update(ended_at="2020-01-01T00:00Z", ended_because="ended_by_admin")
