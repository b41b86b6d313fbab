"""Registers a customer and sells it seats, as a reseller: python sell.py DOMAIN NAME SKU SEATS CONTACT EMAIL

EMAIL is an address of the contact at another domain than the customer's.
"""

from __future__ import annotations

import sys

from googleapiclient.errors import HttpError
from here import service

domain, name, sku, seats, contact, email = sys.argv[1:]
reseller = service("reseller", "v1", "apps.order")
customer = {
    "customerDomain": domain,
    "alternateEmail": email,
    "postalAddress": {"organizationName": name, "contactName": contact, "postalCode": "10115", "countryCode": "DE"},
}
try:
    reseller.customers().insert(body=customer).execute()
except HttpError as error:
    if error.status_code != 409:  # it is there already
        raise
order = {
    "customerId": domain,
    "skuId": sku,
    "plan": {"planName": "ANNUAL_MONTHLY_PAY"},
    "seats": {"numberOfSeats": int(seats)},
    "renewalSettings": {"renewalType": "AUTO_RENEW_MONTHLY_PAY"},
}
sold = reseller.subscriptions().insert(customerId=domain, body=order).execute()
print("sold", sold["skuId"], "to", domain, "as", sold["subscriptionId"])
