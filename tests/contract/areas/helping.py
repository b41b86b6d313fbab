"""The help as a list, and what the vendor's operators read of the answers about it."""

from __future__ import annotations

from accounts.models import HelpFeedback
from tests.contract.areas.area import Area
from tests.contract.lists import MANY, OPERATOR, List
from tests.contract.world import World

TABLE = """
GET  help                                  OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
GET  operations_help                       AAAAAAAL AAAAAAA AAAAL  AA     AA     OD     AAAAAAA AAAAAAA AA      L
"""


def more_answers(world: World) -> None:
    HelpFeedback.objects.bulk_create(
        HelpFeedback(slug="reseller-access", language="en", helpful=False, comment=f"Too long: {number}")
        for number in range(MANY)
    )


AREA = Area(
    table=TABLE,
    lists=(List("operations_help", OPERATOR, more_answers),),
    queries_in_views={
        "web/vendor/help_answers.py: HelpFeedback": "the answers name nobody; operators read all of them"
    },
    one_object={"help": "the titles of texts, which are no rows"},
)
