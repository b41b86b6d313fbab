"""Directory v1: people and their aliases."""

from __future__ import annotations

from tests.contract.api_matrix.asks import Ask, ask

_NAME = {"givenName": "Lea", "familyName": "Roy"}
_NEW = {"primaryEmail": "lea@{domain}", "name": _NAME, "password": "seven-lantern-orchard"}
ASKS: dict[str, Ask] = {
    "directory.users.get": ask(userKey="{user}"),
    "directory.users.list": ask(customer="{customer}"),
    "directory.users.insert": ask(_NEW),
    "directory.users.patch": ask({"name": _NAME}, userKey="{email}"),
    "directory.users.update": ask({"orgUnitPath": "/Sales"}, userKey="{user}"),
    "directory.users.delete": ask(userKey="{user}"),
    "directory.users.undelete": ask({}, userKey="{deleted}"),
    "directory.users.makeAdmin": ask({"status": False}, userKey="{second_admin}"),
    "directory.users.signOut": ask(userKey="{user}"),
    "directory.users.aliases.list": ask(userKey="{user}"),
    "directory.users.aliases.insert": ask({"alias": "more@{domain}"}, userKey="{user}"),
    "directory.users.aliases.delete": ask(userKey="{user}", alias="{alias}"),
}
TABLE = """
directory.users.get             ODDOOODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.users.list            ODDOOODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.users.insert          ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.users.patch           ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.users.update          ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.users.delete          ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.users.undelete        ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.users.makeAdmin       ODDDDDDU DDDDAAAU DDDDDD DAUAD AA AA DDD DDD UU
directory.users.signOut         ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.users.aliases.list    ODDOOODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.users.aliases.insert  ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.users.aliases.delete  ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
"""
