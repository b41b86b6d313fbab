"""Directory v1: groups and who is in them; Groups Settings v1."""

from __future__ import annotations

from tests.contract.api_matrix.asks import Ask, ask

_MEMBER = {"groupKey": "{group}", "memberKey": "{member}"}
ASKS: dict[str, Ask] = {
    "directory.groups.list": ask(customer="{customer}"),
    "directory.groups.get": ask(groupKey="{group}"),
    "directory.groups.insert": ask({"email": "new@{domain}", "name": "New"}),
    "directory.groups.patch": ask({"name": "New"}, groupKey="{group}"),
    "directory.groups.update": ask({"description": "New"}, groupKey="{group}"),
    "directory.groups.delete": ask(groupKey="{group}"),
    "directory.groups.aliases.list": ask(groupKey="{group}"),
    "directory.groups.aliases.insert": ask({"alias": "more@{domain}"}, groupKey="{group}"),
    "directory.groups.aliases.delete": ask(groupKey="{group}", alias="{group_alias}"),
    "directory.members.list": ask(groupKey="{group}"),
    "directory.members.get": ask(**_MEMBER),
    "directory.members.hasMember": ask(**_MEMBER),
    "directory.members.insert": ask({"id": "{user}"}, groupKey="{group}"),
    "directory.members.patch": ask({"role": "OWNER"}, **_MEMBER),
    "directory.members.update": ask({"role": "MANAGER"}, **_MEMBER),
    "directory.members.delete": ask(**_MEMBER),
    "groupsSettings.groups.get": ask(groupUniqueId="{group}"),
    "groupsSettings.groups.patch": ask({"whoCanJoin": "INVITED_CAN_JOIN"}, groupUniqueId="{group}"),
    "groupsSettings.groups.update": ask({"whoCanPostMessage": "ALL_OWNERS_CAN_POST"}, groupUniqueId="{group}"),
}
TABLE = """
directory.groups.list            ODDODODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.groups.get             ODDODODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.groups.insert          ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.groups.patch           ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.groups.update          ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.groups.delete          ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.groups.aliases.list    ODDODODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.groups.aliases.insert  ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.groups.aliases.delete  ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.members.list           ODDODODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.members.get            ODDODODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.members.hasMember      ODDODODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.members.insert         ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.members.patch          ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.members.update         ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.members.delete         ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
groupsSettings.groups.get        ODDODODU OOOOAAAU DOOOOD DAUAD AA AA DDD DDD UU
groupsSettings.groups.patch      ODDODDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
groupsSettings.groups.update     ODDODDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
"""
