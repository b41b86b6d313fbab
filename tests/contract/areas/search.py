"""The search of each console, and suggestions where an address is asked for."""

from __future__ import annotations

from tests.contract.areas.area import Area
from tests.contract.lists import ADMIN, AGENT, OPERATOR, RESELLER_ADMIN, VENDOR_SUPPORT, List, more_customers
from tests.contract.world import World
from tests.factories import make_person

TABLE = """
                                           Acme     Resale1 inside closed halted vendor Globex  Resale2 twin-in nobody
                                           smsuha-x aiatus- aiatx  aa     aa     os     smsuha- aiatus- aa      -

GET  console_search                        OOOOOODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  console_people                        ODDOOODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_search                       AAAAAAAL OOOOOOD OOOOL  OO     DD     AA     AAAAAAA OOOOOOD OO      L
GET  reseller_people                       AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  vendor_search                         AAAAAAAL AAAAAAA AAAAL  AA     AA     OO     AAAAAAA AAAAAAA AA      L
""".partition("\n\n")[2]

MANY = 25  # more than a group shows


def more_people(world: World) -> None:
    for number in range(MANY):
        make_person(world.acme.customer, name=f"Zoe {number}")
        make_person(world.acme.reseller, name=f"Zoe {number}")


AREA = Area(
    table=TABLE,
    lists=(
        List("console_search", ADMIN, more_people, "?q=zoe"),
        List("console_search", AGENT, more_people, "?q=zoe", label="an agent"),
        List("console_search", ADMIN, more_people, "?q=z", label="one letter"),
        List("console_people", ADMIN, more_people, "?q=zoe&groups"),
        List("reseller_search", RESELLER_ADMIN, more_people, "?q=zoe"),
        List("reseller_search", ("Resale One", "agent"), more_customers, "?q=example", label="customers"),
        List("reseller_people", ("Resale One", "admin"), more_people, "?q=zoe"),
        List("vendor_search", VENDOR_SUPPORT, more_customers, "?q=customer"),
        List("vendor_search", OPERATOR, more_customers, "?q=customer", label="an operator"),
    ),
    no_verbs={
        "accounts.organisations.sees_organisations": "a question",
        "accounts.staffing.staff_seen_by": "a query set",
    },
    unlinked={
        "console_people": "asked by a field for an address",
        "reseller_people": "asked by a field for an address",
    },
)
