"""Adds a person, with a group and a licence: python new_colleague.py EMAIL GIVEN FAMILY GROUP PRODUCT SKU

All of it, or what is missing after an error: each step can be sent again.
"""

from __future__ import annotations

import secrets
import sys

from googleapiclient.errors import HttpError
from here import service

email, given, family, group, product, sku = sys.argv[1:]
directory = service("admin", "directory_v1", "admin.directory.user", "admin.directory.group.member")
licensing = service("licensing", "v1", "apps.licensing")
person = {
    "primaryEmail": email,
    "name": {"givenName": given, "familyName": family},
    "password": secrets.token_urlsafe(24),
    "changePasswordAtNextLogin": True,
}
steps = {
    "added": directory.users().insert(body=person),
    "in the group": directory.members().insert(groupKey=group, body={"email": email, "role": "MEMBER"}),
    "licensed": licensing.licenseAssignments().insert(productId=product, skuId=sku, body={"userId": email}),
}
for done, request in steps.items():
    try:
        request.execute()
        print(email, done)
    except HttpError as error:
        if error.status_code not in (409, 412):  # there already
            raise
        print(email, done, "already")
