"""Moves the Chromebooks that a search finds to a unit: python move_chromebooks.py 'location:berlin' /Sales/Berlin"""

from __future__ import annotations

import sys

from here import service

query, unit = sys.argv[1:]
devices = service("admin", "directory_v1", "admin.directory.device.chromeos").chromeosdevices()
found: list[str] = []
request = devices.list(customerId="my_customer", query=query, fields="nextPageToken,chromeosdevices(deviceId)")
while request is not None:
    answer = request.execute()
    found += [device["deviceId"] for device in answer.get("chromeosdevices", [])]
    request = devices.list_next(request, answer)
for start in range(0, len(found), 50):
    body = {"deviceIds": found[start : start + 50]}
    devices.moveDevicesToOu(customerId="my_customer", orgUnitPath=unit, body=body).execute()
print(len(found), "moved to", unit)
