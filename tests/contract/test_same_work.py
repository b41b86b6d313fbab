"""A domain that nobody has and one of a stranger cost the same work: the time of an answer tells nobody who is a
customer (P4)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.contract import matrix
from tests.contract.cases import Sender, arguments
from tests.contract.crawl import content_of
from tests.contract.posts import POSTS
from tests.contract.resolver import addresses
from tests.contract.world import World

STRANGERS = [
    ("Resale Two", "admin"),
    ("Resale Two", "agent"),
    ("Resale Two", "team agent"),
    ("Resale Two", "support agent"),
    ("Resale One", "unassigned agent"),
    ("Globex", "super admin"),
]
NOBODYS = "nobody-at-all.example"
ROUTES = {address.name: address.route for address in addresses() if "<domain:domain>" in address.route}
LINES = [line for line in matrix.lines() if line.name in ROUTES]


@pytest.mark.parametrize("who", STRANGERS, ids=" ".join)
def test_P4_the_work_of_an_answer_tells_nobody_which_domains_are_customers(
    who: tuple[str, str], db: None, world: World
) -> None:
    client = world.client(*who)
    client.get("/")
    sender = Sender(world, client, world.persons[who])
    assert len(LINES) > 60
    differing = {}
    for line in LINES:
        known = arguments(line.name, ROUTES[line.name], world.acme, world)
        data = POSTS[line.name].data(sender) if line.method == "POST" else {}
        work = []
        for domain in (world.acme.domain, NOBODYS):
            with CaptureQueriesContext(connection) as captured:
                url = reverse(line.name, kwargs={**known, "domain": domain})
                answer = client.post(url, data) if line.method == "POST" else client.get(url)
                content_of(answer)
            work.append((answer.status_code, len(captured)))
        if work[0] != work[1]:
            differing[line.id] = work
    assert differing == {}
