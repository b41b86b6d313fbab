"""R23: every page that is open to an agent stands in the record of the visit, with words for it."""

from __future__ import annotations

import pytest
from django.db import transaction

from accounts.models import OpenedPage
from tests.contract import matrix
from tests.contract.answers import letter_of, url_of
from tests.contract.crawl import content_of
from tests.contract.matrix import Line
from tests.contract.resolver import addresses
from tests.contract.world import World
from web.console.page_words import PAGES
from web.opened import PARTS

CONSOLE = {address.name for address in addresses() if address.route.startswith("console/")}
PAGES_OF_CONSOLE = [line for line in matrix.lines() if line.method == "GET" and line.name in CONSOLE]
INSIDE = [who for who in matrix.people() if who[0] == "inside" and who[1] != "suspended"]


@pytest.mark.parametrize("line", PAGES_OF_CONSOLE, ids=[line.name for line in PAGES_OF_CONSOLE])
def test_R23_each_page_writes_down_exactly_what_it_shows(line: Line, db: None, world: World) -> None:
    """A page that is shown to an agent is one row; whatever is refused or leads elsewhere, and for others, is none."""
    url = url_of(line.name, world)
    for who in matrix.people():
        with transaction.atomic():
            response = world.client(*who).get(url)
            content_of(response)
            written = list(OpenedPage.objects.values_list("page", "times"))
            transaction.set_rollback(True)
        shown = who in INSIDE and letter_of(response) == "O" and response.status_code == 200
        assert written == ([(PARTS.get(line.name, line.name), 1)] if shown else []), who
        assert not shown or line.name in {*PAGES, *PARTS}, "say in web/console/page_words.py what it is called"
