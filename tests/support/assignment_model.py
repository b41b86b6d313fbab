"""Who is a support partner of what, in a few lines of Python without a database, and the cast of the state machine."""

from __future__ import annotations

from dataclasses import dataclass, field

from accounts.roles import Role
from support.models.partner import AssignmentStatus, Service
from tests.factories import make_customer, make_person, make_reseller
from tests.support.world import CLOUD, WORKSPACE, make_case

LIFETIME = 14.0
SERVICES = (WORKSPACE, CLOUD)
PENDING, ACTIVE = AssignmentStatus.PENDING, AssignmentStatus.ACTIVE
REMOVED, DECLINED = AssignmentStatus.REMOVED, AssignmentStatus.DECLINED
EXPIRED, WITHDRAWN = AssignmentStatus.EXPIRED, AssignmentStatus.WITHDRAWN


class Cast:
    """Made once; every example rolls its changes back."""

    def __init__(self) -> None:
        self.customer, self.stranger = make_customer("Acme"), make_customer("Globex")
        self.admin = make_person(self.customer, Role.SUPER_ADMIN, name="Alice")
        self.manager = make_person(self.customer, Role.SUPPORT_MANAGER, name="Sam")
        self.resellers = [make_reseller("One"), make_reseller("Two")]
        self.verifiers = [make_person(reseller, Role.SUPPORT_AGENT) for reseller in self.resellers]
        self.agents = [make_person(reseller, Role.RESELLER_ADMIN) for reseller in self.resellers]
        for service in SERVICES:
            make_case(self.customer, self.admin, service, f"About {service}")
            make_case(self.stranger, self.admin, service, f"Not yours: {service}")


@dataclass
class Row:
    """What must be true of one assignment. age: days since its link was made; token: the one that works, if any."""

    service: Service
    reseller: int
    status: AssignmentStatus
    age: float = 0.0
    token: str = ""
    mails: int = 1

    def status_now(self) -> AssignmentStatus:
        return EXPIRED if self.status == PENDING and self.age >= LIFETIME else self.status


@dataclass
class Model:
    """All assignments by id, the tokens that were ever made, and how many steps were noted."""

    rows: dict[int, Row] = field(default_factory=dict)
    tokens: list[tuple[int, str]] = field(default_factory=list)
    events: int = 0
    moved: bool = False
    # The switches on the page Reseller access, and what a person last said about each partner (R1, R19).
    consoles: dict[int, bool] = field(default_factory=dict)
    words: dict[int, bool] = field(default_factory=dict)

    def active(self) -> set[int]:
        return {row.reseller for row in self.rows.values() if row.status == ACTIVE}

    def begin_contract(self, which: int, opens: bool, *, said: bool | None) -> None:
        """said: what the super admin decided who made it; None where nobody did."""
        if which not in self.consoles:
            self.consoles[which] = opens and (said is not None or self.words.get(which, True))
            self.words |= {} if said is None else {which: said}

    def end_contracts(self) -> None:
        self.consoles = {which: allowed for which, allowed in self.consoles.items() if which in self.active()}

    def live(self, service: Service) -> list[Row]:
        return [row for row in self.rows.values() if row.service == service and row.status_now() in (PENDING, ACTIVE)]

    def settle(self) -> None:
        """Expired requests are written down when the next one is made."""
        for row in self.rows.values():
            if row.status == PENDING and row.status_now() == EXPIRED:
                row.status = EXPIRED
                self.events += 1
