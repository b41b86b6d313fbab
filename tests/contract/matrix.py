"""Who gets which answer at which address: the one table.

One column per person, in the groups of COLUMNS and in their order; one line per method and URL name. The lines of
the console's services stand in areas/, one file for each.

    O  OK        the page, or the effect that cases.py names (a redirect onwards counts as OK)
    L  LOGIN     sent to the sign-in page
    D  DENIED    403: the right organisation, the wrong role; or a console that is closed at this instant
    A  ABSENT    404: a stranger's object, the same as one that does not exist
    N  NOTHING   answered like OK, and there was nothing to do: entering twice, signing in when signed in
    E  ENTER     sent to the page where an agent enters the console first (R15)

A cell other than O changes nothing in the whole database. Rows are about Acme and Resale One: the columns
"twin" are the same people at Globex and Resale Two.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.contract import areas
from tests.contract.world import SIGNED_OUT

CUSTOMER_ROLES = (
    "super admin",
    "support manager",
    "support",
    "user management admin",
    "help desk admin",
    "auditor",
    "no role",
)
RESELLER_ROLES = ("admin", "indirect admin", "agent", "team agent", "unassigned agent", "support agent", "no role")

# (group of the world, roles in the order of the letters)
COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Acme", (*CUSTOMER_ROLES, "suspended")),
    # At its reseller, before entering the console,
    ("Resale One", RESELLER_ROLES),
    # after entering it,
    ("inside", ("admin", "indirect admin", "agent", "team agent", "suspended")),
    # and inside when it was closed to them, or when their reseller was suspended.
    ("closed", ("admin", "agent")),
    ("halted", ("admin", "agent")),
    ("vendor", ("operator", "support")),
    # The same roles at the twin tenant; "twin inside" has entered the console of Globex.
    ("Globex", CUSTOMER_ROLES),
    ("Resale Two", RESELLER_ROLES),
    ("twin inside", ("admin", "agent")),
    ("nobody", (SIGNED_OUT,)),
)

TABLE = """
                                           Acme     Resale1 inside closed halted vendor Globex  Resale2 twin-in nobody
                                           smsuha-x aiatus- aiatx  aa     aa     os     smsuha- aiatus- aa      -

# Everybody
GET  health_live                           OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
GET  health_ready                          OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
GET  metrics                               AAAAAAAA AAAAAAA AAAAA  AA     AA     AA     AAAAAAA AAAAAAA AA      A
GET  account_login                         OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
POST account_login                         NNNNNNNO NNNNNNN NNNNO  NN     NN     NN     NNNNNNN NNNNNNN NN      O
GET  account_logout                        OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
POST account_logout                        OOOOOOON OOOOOOO OOOON  OO     OO     OO     OOOOOOO OOOOOOO OO      N
GET  account_inactive                      OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
GET  account_signup                        OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
POST account_signup                        NNNNNNNN NNNNNNN NNNNN  NN     NN     NN     NNNNNNN NNNNNNN NN      N
GET  account_reset_password                OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
POST account_reset_password                OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
GET  account_reset_password_done           OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
GET  account_reset_password_from_key       OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
POST account_reset_password_from_key       NNNNNNNN NNNNNNN NNNNN  NN     NN     NN     NNNNNNN NNNNNNN NN      N
GET  account_reset_password_from_key_done  OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
GET  preferences                           OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST preferences                           OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST list_choice                           OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L

# Whoever has signed in
GET  home                                  OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
GET  account_change_password               OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST account_change_password               OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
GET  account_set_password                  OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST account_set_password                  NNNNNNNL NNNNNNN NNNNL  NN     NN     NN     NNNNNNN NNNNNNN NN      L
GET  usersessions_list                     OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST usersessions_list                     OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
GET  help_panel                            OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
GET  help_feedback                         OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST help_feedback                         OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L

# The customer's console
GET  console_home                          OOOOOODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  subscriptions                         ODDDDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  subscription                          ODDDDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  account_settings                      ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  audit_log                             ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  audit_log_export                      ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L

# Reseller access: never for resellers, whatever else is open to them (R14)
GET  reseller_access                       ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST reseller_access                       ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_access_rules                 ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST reseller_access_rules                 ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  who_has_access                        ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_access_state                 ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_access_history               ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_access_remove_now            ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST reseller_access_remove_now            ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_access_turn_off_all          ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST reseller_access_turn_off_all          ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_access_retry                 ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST reseller_access_retry                 ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L

# Support: partners for support managers (S2), contracts after the move (S9), verification for its verifier (S4)
GET  support_home                          OOODDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  support_partners                      OODDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  support_partner_assign                OODDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST support_partner_assign                OODDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  support_partner_resend                OODDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST support_partner_resend                OODDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  support_partner_withdraw              OODDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST support_partner_withdraw              OODDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  support_partner_remove                OODDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST support_partner_remove                OODDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  support_contracts                     OOODDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  support_contract_new                  OODDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST support_contract_new                  NNDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  support_verify                        DDDDDDDL DDDDDOD DDDDL  DD     DD     DD     DDDDDDD DDDDDDD DD      L
POST support_verify                        DDDDDDDL DDDDDOD DDDDL  DD     DD     DD     DDDDDDD DDDDDDD DD      L
GET  reseller_support                      AAAAAAAL ODDDDOD ODDDL  OD     DD     AA     AAAAAAA ODDDDOD OD      L

# Cases: in the console, at resellers for the customers they serve (S6), at vendor support
GET  support_cases                         OOODDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  support_cases_export                  OOODDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  support_case_new                      OOODDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST support_case_new                      OOODDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  support_case                          OOODDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST support_case                          OOODDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  support_case_file                     OOODDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST support_case_file                     OOODDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_cases                        AAAAAAAL OOOOOOD OOOOL  OO     DD     AA     AAAAAAA OOOOOOD OO      L
GET  reseller_cases_export                 AAAAAAAL OOOOOOD OOOOL  OO     DD     AA     AAAAAAA OOOOOOD OO      L
GET  reseller_case_new                     AAAAAAAL OOOOOOD OOOOL  OO     DD     AA     AAAAAAA OOOOOOD OO      L
POST reseller_case_new                     AAAAAAAL OOOOAOD OOOOL  AA     DD     AA     AAAAAAA AAAAAAD AA      L
GET  reseller_case                         AAAAAAAL OOOOAOD OOOOL  AA     DD     AA     AAAAAAA AAAAAAD AA      L
POST reseller_case                         AAAAAAAL OOOOAOD OOOOL  AA     DD     AA     AAAAAAA AAAAAAD AA      L
GET  reseller_case_file                    AAAAAAAL OOOOAOD OOOOL  AA     DD     AA     AAAAAAA AAAAAAD AA      L
POST reseller_case_file                    AAAAAAAL OOOOAOD OOOOL  AA     DD     AA     AAAAAAA AAAAAAD AA      L
GET  vendor_cases                          AAAAAAAL AAAAAAA AAAAL  AA     AA     DO     AAAAAAA AAAAAAA AA      L
GET  vendor_case                           AAAAAAAL AAAAAAA AAAAL  AA     AA     DO     AAAAAAA AAAAAAA AA      L
POST vendor_case                           AAAAAAAL AAAAAAA AAAAL  AA     AA     DO     AAAAAAA AAAAAAA AA      L
GET  vendor_case_file                      AAAAAAAL AAAAAAA AAAAL  AA     AA     DO     AAAAAAA AAAAAAA AA      L
POST vendor_case_file                      AAAAAAAL AAAAAAA AAAAL  AA     AA     DO     AAAAAAA AAAAAAA AA      L

# The reseller's own pages
GET  reseller_customers                    AAAAAAAL OOOOODD OOOOL  OO     DD     AA     AAAAAAA OOOOODD OO      L
GET  reseller_customer                     AAAAAAAL OOOOADD OOOOL  OO     DD     AA     AAAAAAA AAAAADD AA      L
GET  enter_console                         AAAAAAAL OOOOADD OOOOL  DD     DD     AA     AAAAAAA AAAAADD AA      L
POST enter_console                         AAAAAAAL OOOOADD NNNNL  DD     DD     AA     AAAAAAA AAAAADD AA      L
POST leave_console                         AAAAAAAL NNNNADD OOOOL  OO     DD     AA     AAAAAAA AAAAADD AA      L
GET  reseller_activity                     AAAAAAAL OOOOOOD OOOOL  OO     DD     AA     AAAAAAA OOOOOOD OO      L
GET  reseller_staff                        AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_agent                        AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_agent_customers              AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_agent_customers              AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_agent_new                    AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_agent_new                    AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_agent_invite                 AAAAAAAL NDDDDDD NDDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_agent_roles                  AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_agent_roles                  AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_agent_suspend                AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_agent_restore                AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_teams                        AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_teams                        AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_team                         AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_team_customers               AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_team_customers               AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_team_rename                  AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_team_rename                  AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_team_delete                  AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_team_add_member              AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_team_add_member              AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_team_remove_member           AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L

# The vendor
GET  operations_access_changes             AAAAAAAL AAAAAAA AAAAL  AA     AA     OD     AAAAAAA AAAAAAA AA      L
POST operations_retry                      AAAAAAAL AAAAAAA AAAAL  AA     AA     OD     AAAAAAA AAAAAAA AA      L
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what each person gets for a method at a URL name."""

    method: str
    name: str
    letters: str

    @property
    def id(self) -> str:
        return f"{self.method} {self.name}"


def people() -> list[tuple[str, str]]:
    """Return group and role of each column."""
    return [(group, role) for group, roles in COLUMNS for role in roles]


def lines() -> list[Line]:
    """Read the table; a line whose letters do not fit the columns is refused."""
    found = []
    texts = [TABLE.strip("\n").partition("\n\n")[2], *(area.table for area in areas.ALL)]
    for text in "\n".join(texts).splitlines():
        if not text.strip() or text.startswith("#"):
            continue
        method, name, *groups = text.split()
        widths = [len(roles) for _group, roles in COLUMNS]
        if [len(group) for group in groups] != widths:
            raise ValueError(f"{method} {name}: the groups of letters must have the widths {widths}")
        found.append(Line(method, name, "".join(groups)))
    return found


def spelled(letters: str) -> str:
    """Write letters in the groups of the table."""
    groups, rest = [], letters
    for _group, roles in COLUMNS:
        groups.append(rest[: len(roles)])
        rest = rest[len(roles) :]
    return " ".join(groups)
