"""P12: a browser in which only the password was right opens no address of the table.

What is open to everybody who has not signed in stays so, and beside it there is the second step.
"""

from __future__ import annotations

import pytest
from django.db import transaction
from django.urls import reverse

from tests.contract import matrix
from tests.contract.answers import letter_of, url_of
from tests.contract.cases import Sender
from tests.contract.crawl import content_of
from tests.contract.database import difference_since, now, written
from tests.contract.matrix import Line
from tests.contract.posts import POSTS
from tests.contract.world import SIGNED_OUT, World
from tests.second_factors import give_app, half_signed_in

LINES = matrix.lines()
NOBODY = matrix.people().index(("nobody", SIGNED_OUT))
# The sign-in page leads on to the second step, and that step is there: with a wrong code it changes nothing.
OTHERWISE = {"GET second_step": "O", "POST second_step": "N", "POST account_login": "N"}

# A wrong code is counted (P14), and nothing else.
COUNTS = {"POST second_step"}


@pytest.mark.parametrize("line", LINES, ids=[line.id for line in LINES])
def test_P12_half_signed_in_opens_nothing(line: Line, db: None, world: World) -> None:
    with transaction.atomic():
        give_app(world.visitor)
        client = half_signed_in(world.visitor)
        url, is_form = url_of(line.name, world), line.method == "POST"
        data = POSTS[line.name].data(Sender(world, client, None)) if is_form else {}
        before, rows = now(), written()
        response = client.post(url, data) if is_form else client.get(url)
        content_of(response)
        effect = bool(written() != rows and difference_since(before))
        letter = letter_of(response)
        still_out = client.get(reverse("home")).headers["Location"].startswith(reverse("account_login"))
        transaction.set_rollback(True)
    expected = OTHERWISE.get(line.id, line.letters[NOBODY])
    assert letter == ("O" if expected == "N" else expected)
    assert effect == (line.id in COUNTS)
    assert still_out
