"""P13: giving asks for a fresh proof, taking never does: every form is sent with a proof that is too old."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse

from tests.client import make_stale
from tests.contract import matrix
from tests.contract.answers import ADDRESSES, url_of
from tests.contract.cases import Sender, arguments
from tests.contract.crawl import content_of
from tests.contract.database import difference_since, now, written
from tests.contract.giving import GIVING
from tests.contract.matrix import Line
from tests.contract.posts import POSTS
from tests.contract.world import World
from web.fresh_proof import GIVES

FORMS = [line for line in matrix.lines() if line.method == "POST" and "O" in line.letters]
# What takes or narrows in the table is sent again with something given (tests/contract/giving.py).
ASKS = GIVES.keys() - GIVING.keys()


@pytest.mark.parametrize("line", FORMS, ids=[line.name for line in FORMS])
def test_P13_the_pages_that_give_ask_and_no_others(line: Line, db: None, world: World) -> None:
    who = matrix.people()[line.letters.index("O")]
    with transaction.atomic():
        client = world.client(*who)
        data = POSTS[line.name].data(Sender(world, client, world.persons.get(who)))
        if who in world.persons:
            make_stale(client)
        before, rows = now(), written()
        response = client.post(url_of(line.name, world), data)
        content_of(response)
        asks = response.headers.get("Location", "").startswith(reverse("fresh_proof"))
        effect = difference_since(before) if written() != rows else None
        transaction.set_rollback(True)
    assert asks == (line.name in ASKS)
    if asks:
        assert effect is None or effect.tables_added == {"accounts_kept"}
        assert effect is None or not effect.changed | effect.removed


@pytest.mark.parametrize("name", sorted(GIVING))
def test_P13_what_can_give_and_take_asks_when_it_gives(name: str, db: None, world: World) -> None:
    gives = GIVING[name]
    who = gives.who
    with transaction.atomic():
        client = world.client(*who)
        data = gives.data(Sender(world, client, world.persons[who]))
        kwargs = arguments(name, ADDRESSES[name].route, world.acme, world) | dict(gives.url)
        make_stale(client)
        response = client.post(reverse(name, kwargs=kwargs), data)
        content_of(response)
        transaction.set_rollback(True)
    assert response.headers.get("Location", "").startswith(reverse("fresh_proof")), response.status_code


def test_P13_the_list_names_pages_of_the_product() -> None:
    assert GIVES.keys() <= {line.name for line in FORMS} | GIVING.keys()
    assert all(GIVES.values())
