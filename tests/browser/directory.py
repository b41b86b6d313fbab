"""A directory to look at."""

from __future__ import annotations

from accounts.directory import devices, groups, org_units
from accounts.directory.tree import tree_of
from tests.browser.stage import Scene
from tests.factories import make_person


def furnish(scene: Scene) -> dict[str, int]:
    """A tree of three levels, a group in another one, and a device in every state; returns ids by the names below."""
    acme = scene.acme
    units = [tree_of(acme).root]
    for name in ("Sales", "Berlin", "Mitte"):
        units.append(org_units.create_org_unit(actor=None, customer=acme, parent=units[-1], name=name))
    other = org_units.create_org_unit(
        actor=None, customer=acme, parent=units[0], name="Engineering", description="Everybody who builds something"
    )
    org_units.edit_org_unit(actor=None, unit=other, name="Engineering", description="", approves_mobile_devices=True)
    team, everybody = (
        groups.create_group(actor=None, customer=acme, email=f"{name}@acme.example", name=name.title())
        for name in ("team", "everybody")
    )
    people = [make_person(acme, name=f"Person Number {number}") for number in range(3)]
    groups.add_members(actor=None, group=team, people=[scene.alice, *people])
    groups.add_members(actor=None, group=everybody, people=[scene.sam], subgroups=[team])
    made = [
        devices.enrol_device(
            actor=None, customer=acme, kind=kind, serial_number=serial, model=model, user=user, org_unit=unit
        )
        for kind, serial, model, user, unit in (
            ("chromeos", "5CD1234ABC", "Chromebook x360", scene.alice, units[2]),
            ("ios", "F2LXK1ABCD", "iPhone 16", scene.sam, other),
            ("android", "R58M12ABCD", "Pixel 9", None, units[1]),
        )
    ]
    devices.block_devices(actor=None, customer=acme, devices=[made[2].pk])
    return {
        "unit": units[1].pk,
        "other": other.pk,
        "group": everybody.pk,
        "team": team.pk,
        "device": made[1].pk,
        "blocked": made[2].pk,
    }
