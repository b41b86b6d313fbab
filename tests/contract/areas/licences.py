from __future__ import annotations

from django.db.models import Model

from accounts.models import AuditEvent, User
from subscriptions.licensing import assign_licences, change_auto_licence
from subscriptions.models import AutoLicence, Licence
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, AGENT, MANY, List
from tests.contract.world import VOICE, Tenant, World, sell
from tests.factories import make_person

TABLE = """
# Licences: of what is in someone's scope (R3). Partners for support only have none (S9)
GET  licences                              ODDDDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  subscription_licences                 ODDDDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  licences_assign                       ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST licences_assign                       ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  licences_unit                         ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST licences_unit                         ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  licences_automatic                    ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST licences_automatic                    ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  user_licences                         ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_licences                         ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
"""


def furnish(tenant: Tenant) -> None:
    """One person with a licence of what was bought from the vendor and opened, and a unit that gives them out."""
    holder = tenant.people["auditor"]
    itself = User.objects.filter(pk=holder.pk)
    assign_licences(actor=None, subscription=tenant.bought, people=itself)
    assign_licences(actor=None, subscription=tenant.unopened, people=itself)
    root = holder.org_unit
    assert root is not None
    change_auto_licence(actor=None, subscription=tenant.bought, org_unit=root, automatic=True)
    tenant.rows |= {
        "licence": Licence.objects.get(user=holder, subscription=tenant.bought),
        "auto licence": AutoLicence.objects.get(subscription=tenant.bought),
    }
    tenant.arguments["user_licences"] = {"user_id": holder.pk}


def licence(sender: Sender) -> list[Model]:
    return [Licence.objects.get(pk=sender.world.acme.rows["licence"].pk)]


def auto_licence(sender: Sender) -> list[Model]:
    return [sender.world.acme.rows["auto licence"]]


def somebody_without(sender: Sender) -> Data:
    return {"person": str(sender.world.acme.people["no role"].pk)}


def everybody_revoked(sender: Sender) -> Data:
    return {"org_unit": str(sender.world.acme.rows["auto licence"].org_unit_id), "action": "revoke"}


def automatic_off(sender: Sender) -> Data:
    return {"org_unit": str(sender.world.acme.rows["auto licence"].org_unit_id), "automatic": "off"}


def voice_taken_workspace_given(sender: Sender) -> Data:
    acme = sender.world.acme
    return {"seen": [str(acme.bought.pk)], "subscription": [str(acme.sold.pk)]}


def more_licences(world: World) -> None:
    """A page full of holders, and one of people without."""
    acme = world.acme
    acme.bought.maximum_number_of_seats = 10 * MANY
    acme.bought.save(update_fields=["maximum_number_of_seats"])
    people = [make_person(acme.customer) for _ in range(2 * MANY)]
    chosen = User.objects.filter(pk__in=[person.pk for person in people[:MANY]])
    assign_licences(actor=None, subscription=acme.bought, people=chosen)


def more_subscriptions(world: World) -> None:
    for _ in range(MANY):
        sell(world.acme.customer, world.acme.reseller, VOICE)


AREA = Area(
    table=TABLE,
    posts={
        "licences_assign": Post(data=somebody_without, adds=(Licence, AuditEvent)),
        "licences_unit": Post(data=everybody_revoked, changes=licence, adds=(AuditEvent,)),
        "licences_automatic": Post(data=automatic_off, changes=auto_licence, adds=(AuditEvent,)),
        "user_licences": Post(data=voice_taken_workspace_given, changes=licence, adds=(Licence, AuditEvent)),
    },
    furnish=furnish,
    lists=(
        List("licences", ADMIN, more_subscriptions),
        List("licences", AGENT, more_subscriptions, label="agent"),
        List("subscription_licences", ADMIN, more_licences),
        List("licences_assign", ADMIN, more_licences),
        List("user_licences", ADMIN, more_subscriptions),
    ),
    one_object={
        "licences_unit": "the tree, read whole, and numbers",
        "licences_automatic": "the tree, read whole, and the rules in it",
    },
    scope_tests={
        "subscriptions.Licence": ("tests/web/console/test_licence_pages.py", "test_R3_an_agent_sees"),
        "subscriptions.AutoLicence": ("tests/subscriptions/test_automatic_licences.py", "stranger"),
    },
    verb_modules=("subscriptions.licensing", "subscriptions.licensing_several"),
    no_verbs={
        "subscriptions.licensing.held_of_the_product": "a question",
        "subscriptions.licensing.hidden_from": "a question",
        "subscriptions.licensing.locked_in_scope": "how a verb begins",
        "subscriptions.licensing.not_managed": "a piece of text",
        "subscriptions.licensing.require_active": "a rule",
        "subscriptions.licensing_several.assigning": "a rule, which says for whom",
        "subscriptions.licensing_several.revoking": "a rule, which says for whom",
    },
)
