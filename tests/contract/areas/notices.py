"""What each person is told, and how soon they want to hear of what (R25): pages of everybody who has signed in."""

from __future__ import annotations

from django.db.models import Model

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.models import NoticePreference, Notification, UntoldEvent
from accounts.notifications import telling
from accounts.notifications.preferences import how_soon
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, List
from tests.contract.world import Tenant, World

TABLE = """
GET  notifications                         OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST notifications_read                    ONNNNNNL NNNNNNN NNNNL  NN     NN     NN     ONNNNNN NNNNNNN NN      L
POST notification_open                     OAAAAAAL AAAAAAA AAAAL  AA     AA     AA     AAAAAAA AAAAAAA AA      L
GET  notification_preferences              OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST notification_preferences              OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
"""


def furnish(tenant: Tenant) -> None:
    """What the super admin was told: the system changed the rules for reseller access."""
    told = tell(tenant)
    tenant.rows |= {"notification": told}
    tenant.arguments["<int:notification_id>"] = {"notification_id": told.pk}


def tell(tenant: Tenant, number: int = 1) -> Notification:
    """Tell the super admins, and nobody of what the world was made by."""
    UntoldEvent.objects.all().delete()
    name, actor = EventName.CHANGE_ACCESS_POLICY, Actor(tenant.staff["agent"])
    events = [record_audit(name, actor=actor, customer=tenant.customer) for _ in range(number)]
    telling.tell()
    return Notification.objects.get(recipient=tenant.people["super admin"], event=events[0])


def more(world: World) -> None:
    tell(world.acme, MANY)


def unread(sender: Sender) -> list[Model]:
    return list(Notification.objects.filter(recipient=sender.me, read_at=None)) if sender.me else []


def choices(sender: Sender) -> Data:
    return {topic.value: soon.value for topic, soon in how_soon(sender.me).items()} if sender.me else {}


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "notifications_read": Post(changes=unread),
        "notification_open": Post(changes=lambda sender: [sender.world.acme.rows["notification"]]),
        "notification_preferences": Post(choices, adds=(NoticePreference,)),
    },
    lists=(List("notifications", ADMIN, more),),
    one_object={"notification_preferences": "one form"},
    scope_tests={
        "accounts.Notification": ("tests/accounts/test_console_sessions.py", "test_R15_a_stranger"),
        "accounts.NoticePreference": ("tests/web/personal/test_notifications_pages.py", "test_R25_each_their_own"),
    },
    no_tenant={"accounts.UntoldEvent": "says that an event is still to be told; no page shows it"},
)
