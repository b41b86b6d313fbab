"""Reseller v1: what was sold, whatever the access switch says (B3)."""

from __future__ import annotations

from tests.contract.api_matrix.asks import Ask, ask

_CUSTOMER = {"customerId": "{customer}"}
_SOLD = {**_CUSTOMER, "subscriptionId": "{sold}"}
_ADDRESS = {
    "contactName": "Peter Gibbons",
    "organizationName": "Initech",
    "addressLine1": "1 Main Street",
    "locality": "Austin",
    "region": "TX",
    "postalCode": "78701",
    "countryCode": "US",
}
_NEW = {"customerDomain": "initech.example", "alternateEmail": "p@elsewhere.example", "postalAddress": _ADDRESS}
_ORDER = {"skuId": "1010470001", "plan": {"planName": "FLEXIBLE"}, "seats": {"maximumNumberOfSeats": 5}}
_YEARLY = {"planName": "ANNUAL_YEARLY_PAY", "seats": {"numberOfSeats": 12}}
ASKS: dict[str, Ask] = {
    "reseller.customers.get": ask(**_CUSTOMER),
    "reseller.customers.insert": ask(_NEW),
    "reseller.customers.patch": ask({"phoneNumber": "+1 555 0100"}, **_CUSTOMER),
    "reseller.customers.update": ask({"phoneNumber": "+1 555 0101"}, **_CUSTOMER),
    "reseller.subscriptions.list": ask(**_CUSTOMER),
    "reseller.subscriptions.get": ask(**_SOLD),
    "reseller.subscriptions.insert": ask(_ORDER, **_CUSTOMER),
    "reseller.subscriptions.delete": ask(**_SOLD, deletionType="cancel"),
    "reseller.subscriptions.activate": ask(**_CUSTOMER, subscriptionId="{paused}"),
    "reseller.subscriptions.suspend": ask(**_SOLD),
    "reseller.subscriptions.startPaidService": ask(**_CUSTOMER, subscriptionId="{trial}"),
    "reseller.subscriptions.changePlan": ask(_YEARLY, **_SOLD),
    "reseller.subscriptions.changeSeats": ask({"maximumNumberOfSeats": 12}, **_SOLD),
    "reseller.subscriptions.changeRenewalSettings": ask(
        {"renewalType": "CANCEL"}, **_CUSTOMER, subscriptionId="{annual}"
    ),
    "reseller.resellernotify.getwatchdetails": ask(),
    "reseller.resellernotify.register": ask(serviceAccountEmailAddress="{reseller_account}"),
    "reseller.resellernotify.unregister": ask(serviceAccountEmailAddress="{registered_account}"),
}
TABLE = """
reseller.customers.get                        DDDDDDDU OOOOODDU OOOOOO OOUDO DD DO DDD DOD UU
reseller.customers.insert                     DDDDDDDU OODDDDDU DDDDDD DDUDD DD DO DDD DDD UU
reseller.customers.patch                      DDDDDDDU OODDADDU DDDDDD DAUDD DD DA DDD DDD UU
reseller.customers.update                     DDDDDDDU OODDADDU DDDDDD DAUDD DD DA DDD DDD UU
reseller.subscriptions.list                   DDDDDDDU OOOOADDU OOOOOO OAUDO DD DA DDD DOD UU
reseller.subscriptions.get                    DDDDDDDU OOOOADDU AAAAAA AAUDO DD DA DDD DOD UU
reseller.subscriptions.insert                 DDDDDDDU ODOOADDU OOOOOO OAUDO DD DA DDD DDD UU
reseller.subscriptions.delete                 DDDDDDDU ODOOADDU AAAAAA AAUDO DD DA DDD DDD UU
reseller.subscriptions.activate               DDDDDDDU ODOOADDU AAAAAA AAUDO DD DA DDD DDD UU
reseller.subscriptions.suspend                DDDDDDDU ODOOADDU AAAAAA AAUDO DD DA DDD DDD UU
reseller.subscriptions.startPaidService       DDDDDDDU ODOOADDU AAAAAA AAUDO DD DA DDD DDD UU
reseller.subscriptions.changePlan             DDDDDDDU ODOOADDU AAAAAA AAUDO DD DA DDD DDD UU
reseller.subscriptions.changeSeats            DDDDDDDU ODOOADDU AAAAAA AAUDO DD DA DDD DDD UU
reseller.subscriptions.changeRenewalSettings  DDDDDDDU ODOOADDU AAAAAA AAUDO DD DA DDD DDD UU
reseller.resellernotify.getwatchdetails       DDDDDDDU ODDDDDDU DDDDDD DDUDD DD DO DDD DOD UU
reseller.resellernotify.register              DDDDDDDU ODDDDDDU DDDDDD DDUDD DD DA DDD DDD UU
reseller.resellernotify.unregister            DDDDDDDU ODDDDDDU DDDDDD DDUDD DD DA DDD DDD UU
"""
