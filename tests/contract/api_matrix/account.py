"""Directory v1: the customer itself, its domains, its roles and who holds them."""

from __future__ import annotations

from accounts.roles import Role
from api.directory.roles import role_id
from tests.contract.api_matrix.asks import Ask, ask

_AUDITOR = role_id(Role.AUDITOR)
_CUSTOMER = {"customer": "{customer}"}
_ROLE = {"customer": "{customer}", "roleId": _AUDITOR}
_HELD = {"customer": "{customer}", "roleAssignmentId": "{assignment}"}
_NEW_ROLE = {"roleName": "New", "rolePrivileges": []}
ASKS: dict[str, Ask] = {
    "directory.customers.get": ask(customerKey="{customer}"),
    "directory.customers.patch": ask({"phoneNumber": "+1 555 0100"}, customerKey="{customer}"),
    "directory.customers.update": ask({"alternateEmail": "peter@elsewhere.example"}, customerKey="{customer}"),
    "directory.domains.list": ask(**_CUSTOMER),
    "directory.domains.get": ask(**_CUSTOMER, domainName="{secondary}"),
    "directory.domains.insert": ask({"domainName": "quite-new.example"}, **_CUSTOMER),
    "directory.domains.delete": ask(**_CUSTOMER, domainName="{secondary}"),
    "directory.domainAliases.list": ask(**_CUSTOMER),
    "directory.domainAliases.get": ask(**_CUSTOMER, domainAliasName="{domain_alias}"),
    "directory.domainAliases.insert": ask({"domainAliasName": "quite-new.example"}, **_CUSTOMER),
    "directory.domainAliases.delete": ask(**_CUSTOMER, domainAliasName="{domain_alias}"),
    "directory.privileges.list": ask(**_CUSTOMER),
    "directory.roles.list": ask(**_CUSTOMER),
    "directory.roles.get": ask(**_ROLE),
    "directory.roles.insert": ask(_NEW_ROLE, **_CUSTOMER),
    "directory.roles.patch": ask(_NEW_ROLE, **_ROLE),
    "directory.roles.update": ask(_NEW_ROLE, **_ROLE),
    "directory.roles.delete": ask(**_ROLE),
    "directory.roleAssignments.list": ask(**_CUSTOMER),
    "directory.roleAssignments.get": ask(**_HELD),
    "directory.roleAssignments.insert": ask({"roleId": _AUDITOR, "assignedTo": "{user}"}, **_CUSTOMER),
    "directory.roleAssignments.delete": ask(**_HELD),
}
TABLE = """
directory.customers.get           ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
directory.customers.patch         ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
directory.customers.update        ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
directory.domains.list            ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
directory.domains.get             ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
directory.domains.insert          ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
directory.domains.delete          ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
directory.domainAliases.list      ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
directory.domainAliases.get       ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
directory.domainAliases.insert    ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
directory.domainAliases.delete    ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
directory.privileges.list         ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
directory.roles.list              ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
directory.roles.get               ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
directory.roles.insert            DDDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
directory.roles.patch             DDDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
directory.roles.update            DDDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
directory.roles.delete            DDDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
directory.roleAssignments.list    ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
directory.roleAssignments.get     ODDDDODU DDDDAAAU DDDDDD DAUAD AA AA DDD ODD UU
directory.roleAssignments.insert  ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
directory.roleAssignments.delete  ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
"""
