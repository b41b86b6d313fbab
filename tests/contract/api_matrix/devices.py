"""Directory v1: organisational units, ChromeOS devices and telephones."""

from __future__ import annotations

from tests.contract.api_matrix.asks import Ask, ask

_UNIT = {"customerId": "{customer}", "orgUnitPath": "id:{unit}"}
_CHROMEBOOK = {"customerId": "{customer}", "deviceId": "{chromebook}"}
_TELEPHONE = {"customerId": "{customer}", "resourceId": "{telephone}"}
_DISABLE = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_DISABLE"
ASKS: dict[str, Ask] = {
    "directory.orgunits.list": ask(customerId="{customer}"),
    "directory.orgunits.get": ask(**_UNIT),
    "directory.orgunits.insert": ask({"name": "New", "parentOrgUnitPath": "/"}, customerId="{customer}"),
    "directory.orgunits.patch": ask({"name": "Newer"}, **_UNIT),
    "directory.orgunits.update": ask({"description": "Newest"}, **_UNIT),
    "directory.orgunits.delete": ask(customerId="{customer}", orgUnitPath="id:{empty_unit}"),
    "directory.chromeosdevices.list": ask(customerId="{customer}"),
    "directory.chromeosdevices.get": ask(**_CHROMEBOOK),
    "directory.chromeosdevices.patch": ask({"notes": "New"}, **_CHROMEBOOK),
    "directory.chromeosdevices.update": ask({"annotatedLocation": "Attic"}, **_CHROMEBOOK),
    "directory.chromeosdevices.action": ask({"action": "disable"}, customerId="{customer}", resourceId="{chromebook}"),
    "directory.chromeosdevices.moveDevicesToOu": ask({"deviceIds": ["{chromebook}"]}, **_UNIT),
    "admin.customer.devices.chromeos.batchChangeStatus": ask(
        {"deviceIds": ["{chromebook}"], "changeChromeOsDeviceStatusAction": _DISABLE}, customerId="{customer}"
    ),
    "admin.customer.devices.chromeos.countChromeOsDevices": ask(customerId="{customer}"),
    "directory.mobiledevices.list": ask(customerId="{customer}"),
    "directory.mobiledevices.get": ask(**_TELEPHONE),
    "directory.mobiledevices.action": ask({"action": "block"}, **_TELEPHONE),
    "directory.mobiledevices.delete": ask(**_TELEPHONE),
}
TABLE = """
directory.orgunits.list                               ODDODODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.orgunits.get                                ODDODODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.orgunits.insert                             ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.orgunits.patch                              ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.orgunits.update                             ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.orgunits.delete                             ODDODDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.chromeosdevices.list                        ODDDDODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.chromeosdevices.get                         ODDDDODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.chromeosdevices.patch                       ODDDDDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.chromeosdevices.update                      ODDDDDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.chromeosdevices.action                      ODDDDDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.chromeosdevices.moveDevicesToOu             ODDDDDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
admin.customer.devices.chromeos.batchChangeStatus     ODDDDDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
admin.customer.devices.chromeos.countChromeOsDevices  ODDDDODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.mobiledevices.list                          ODDDDODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.mobiledevices.get                           ODDDDODU OOOOAAAU DOOOOD DAUAD AA AA DDD OOD UU
directory.mobiledevices.action                        ODDDDDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
directory.mobiledevices.delete                        ODDDDDDU OOOOAAAU DDDDOD DAUAD AA AA DDD DDD UU
"""
