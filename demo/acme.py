"""A year at Acme: people join month by month, and units, groups, devices, seats and licences follow."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.directory import devices, groups, org_units, people
from accounts.directory.tree import tree_of
from accounts.models import Customer, Device, DirectoryGroup, User
from accounts.models.directory import MemberRole
from accounts.models.two_people import Demand
from accounts.roles import Role
from accounts.two_people.rule import change_two_people
from demo import workforce
from demo.cast import ACME, CHROME, STANDARD, VOICE
from demo.scene import Scene
from demo.workforce import Hire
from subscriptions import leaving, licensing, lifecycle
from subscriptions.automatic_licences import give_automatic_licences
from subscriptions.models import Subscription

ANA, ROSA = "ana@acme.example", "rosa@resale-one.example"
# Months before today → seats of the subscription that everybody has; a commitment only ever grows (B5).
SEATS = {12: 160, 10: 200, 6: 260, 3: 330}
# Who leaves, by the order of joining: every so many of those who joined until then, in these months.
LEAVERS = {8: 29, 5: 41, 0: 97}


def found(scene: Scene) -> None:
    """Make the tree, and let the system give everybody in it a licence of the office suite."""
    acme, ana = _acme(scene), scene.actors[ANA]
    for path, description, _share in workforce.UNITS:
        above, _slash, name = path.rpartition("/")
        parent = tree_of(acme).at(above)
        assert parent is not None
        unit = org_units.create_org_unit(actor=ana, customer=acme, parent=parent, name=name, description=description)
        if path in workforce.APPROVING_UNITS:
            org_units.edit_org_unit(
                actor=ana, unit=unit, name=name, description=description, approves_mobile_devices=True
            )
    root = tree_of(acme).root
    licensing.change_auto_licence(actor=ana, subscription=_bought(acme, STANDARD), org_unit=root, automatic=True)


def live_through(scene: Scene, months_ago: int) -> None:
    """Let a month pass: people join and leave, and what they need follows."""
    acme, ana = _acme(scene), scene.actors[ANA]
    if seats := SEATS.get(months_ago):
        lifecycle.change_seats(actor=scene.actors[ROSA], subscription=_bought(acme, STANDARD), seats=seats)
    joined = [hire for hire in workforce.hires() if hire.joined == months_ago]
    tree = tree_of(acme)
    for hire in joined:
        people.create_user(
            actor=ana, organisation=acme, email=_address(hire), name=hire.name, org_unit=tree.at(hire.unit)
        )
    if every := LEAVERS.get(months_ago):
        _let_go(ana, months_ago, every)
    _hand_out_devices(acme, ana, joined)
    give_automatic_licences()
    _assign_others(acme, ana)


def _let_go(ana: Actor, months_ago: int, every: int) -> None:
    there = [hire for hire in workforce.hires() if hire.joined > months_ago]
    for person in User.objects.filter(email__in=[_address(hire) for hire in there[::every]], deleted_at=None):
        leaving.delete_user_with_licences(actor=ana, person=person)


def _hand_out_devices(acme: Customer, ana: Actor, joined: list[Hire]) -> None:
    numbers = count(Device.objects.filter(customer=acme).count() + 1)
    for kind, model, version, units, every in workforce.DEVICES:
        for hire in [hire for hire in joined if hire.unit in units][::every]:
            devices.enrol_device(
                actor=ana,
                customer=acme,
                kind=kind,
                serial_number=f"AC{next(numbers):05d}",
                model=model,
                os_version=version,
                user=User.objects.get(email=_address(hire)),
            )


def _assign_others(acme: Customer, ana: Actor) -> None:
    """Telephones for sales, managed browsers for engineering, as far as there are seats."""
    tree = tree_of(acme)
    for sku, path, seats in ((VOICE, "/Sales", 40), (CHROME, "/Engineering", 60)):
        unit = tree.at(path)
        assert unit is not None
        there = User.objects.filter(customer=acme, org_unit__in=tree.below(unit.pk), is_active=True)
        chosen = there.order_by("created_at", "pk").values_list("pk", flat=True)[:seats]
        everybody = User.objects.filter(pk__in=list(chosen))
        licensing.assign_licences(actor=ana, subscription=_bought(acme, sku), people=everybody)


def settle_in(scene: Scene) -> None:
    """What is left to see today: groups, waiting and blocked devices, suspended people, people who signed in."""
    acme, ana = _acme(scene), scene.actors[ANA]
    _make_groups(acme, ana)
    mobile = Device.objects.filter(customer=acme, status="pending").order_by("pk").values_list("pk", flat=True)
    devices.approve_devices(actor=ana, customer=acme, devices=list(mobile[6:]))
    newest = Device.objects.filter(customer=acme, status="approved").order_by("-pk").values_list("pk", flat=True)
    devices.block_devices(actor=ana, customer=acme, devices=list(newest[5:40:12]))
    hired = User.objects.filter(email__in=[_address(hire) for hire in workforce.hires()], deleted_at=None)
    for person in hired.order_by("pk")[20:200:60]:
        people.suspend_user(actor=ana, person=person)
    _let_everybody_work(acme)


def _let_everybody_work(acme: Customer) -> None:
    """Let people have signed in, and devices have been seen, some today and some weeks ago; a few never."""
    now = database_now()
    hired = list(User.objects.filter(customer=acme, role_assignments=None, deleted_at=None).order_by("pk"))
    for number, person in enumerate(hired):
        ago = timedelta(hours=number * 7 % 500 if number % 5 else number % 30)
        person.last_login = now - ago if number % 17 and now - ago > person.created_at else None
    User.objects.bulk_update(hired, ["last_login"])
    enrolled = list(Device.objects.filter(customer=acme).order_by("pk"))
    for number, device in enumerate(enrolled):
        device.last_seen_at = max(now - timedelta(minutes=number * 37 % 4000), device.enrolled_at)
    Device.objects.bulk_update(enrolled, ["last_seen_at"])


def _make_groups(acme: Customer, ana: Actor) -> None:
    made: dict[str, DirectoryGroup] = {}
    tree = tree_of(acme)
    for team in workforce.GROUPS:
        group = groups.create_group(actor=ana, customer=acme, email=f"{team.local_part}@{ACME}", name=team.name)
        units = [unit.pk for path in team.units if (unit := tree.at(path))]
        members = list(User.objects.filter(customer=acme, org_unit__in=units, deleted_at=None).order_by("pk"))
        subgroups = [made[name] for name in team.groups]
        groups.add_members(actor=ana, group=group, people=members[:1], role=MemberRole.OWNER)
        groups.add_members(actor=ana, group=group, people=members, subgroups=subgroups)
        made[team.local_part] = group


def wait_for_a_second_super_admin(scene: Scene) -> None:
    """Let Acme demand two people for new super admins: Bruno proposed one, and Ana has not answered (R21)."""
    change_two_people(actor=scene.actors[ANA], customer=_acme(scene), demands=[Demand.SUPER_ADMINS])
    uma = scene.actors["uma@acme.example"].user
    people.assign_role(actor=scene.actors["bruno@acme.example"], person=uma, role=Role.SUPER_ADMIN)


def _acme(scene: Scene) -> Customer:
    return scene.customers[ACME]


def _address(hire: Hire) -> str:
    return f"{hire.local_part}@{ACME}"


def _bought(acme: Customer, sku: str) -> Subscription:
    return Subscription.objects.get(customer=acme, sku=sku)
