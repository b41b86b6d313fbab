"""The verbs that change the tree of a customer's organisational units; tree.py reads it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_many
from accounts.directory.change import clean_description, lock_directory
from accounts.directory.tree import Tree, tree_of
from accounts.errors import Duplicate, Refused
from accounts.models import Customer, OrgUnit, User
from accounts.names import isolated, name_key, sort_key
from accounts.organisations import clean_name, refuse_duplicate
from accounts.permissions import Permission

# As in the original: nobody looks for something below the 35th level, and a page still indents it.
MAX_DEPTH = 35
# Every page with a choice of units reads the whole tree: nobody makes the console slow for everybody else.
MAX_UNITS = 5_000
NAME_MAX_LENGTH = 100
SORT_NAME_MAX_LENGTH = 200

NO_SUCH_UNIT = _("This organisational unit does not exist any more. Choose another one.")
_NAME_IS_TAKEN = _("Another unit at this place has this name. Choose another name.")


@transaction.atomic
def create_org_unit(
    *, actor: Actor | None, customer: Customer, parent: OrgUnit, name: str, description: str = ""
) -> OrgUnit:
    """Create a unit below another one; it inherits every setting. Raises Refused."""
    customer = lock_directory(actor, Permission.MANAGE_ORG_UNITS, customer)
    tree = tree_of(customer)
    _refuse_place(tree, parent, levels=1)
    if len(tree) >= MAX_UNITS:
        raise Refused(
            _("A tree has at most %(number)s units. Delete some first.") % {"number": MAX_UNITS},
            "parent",
            reason="conditionNotMet",
        )
    unit = OrgUnit(customer=customer, parent=parent, name=_clean_unit_name(name))
    unit.sort_name, unit.description = _stored_sort_key(unit.name), clean_description(description)
    _refuse_same_name(tree, unit, "name")
    with refuse_duplicate(_NAME_IS_TAKEN, "name"):
        unit.save(force_insert=True)
    path = tree_of(customer).path(unit.pk)
    record_audit(
        EventName.CREATE_ORG_UNIT,
        actor=actor,
        customer=customer,
        subject=unit.name,
        target=unit,
        new={"org_unit": path},
    )
    return unit


@transaction.atomic
def edit_org_unit(
    *, actor: Actor | None, unit: OrgUnit, name: str, description: str, approves_mobile_devices: bool | None
) -> OrgUnit:
    """Change what a unit is called and its settings; None inherits a setting from above. Raises Refused.

    The root bears no name of its own, and inherits from nobody.
    """
    lock_directory(actor, Permission.MANAGE_ORG_UNITS, unit.customer_id)
    unit = _existing(unit)
    if unit.parent_id is None and approves_mobile_devices is None:
        raise Refused(_("The top of the tree inherits from nobody: choose on or off."), "approves_mobile_devices")
    before = _values(unit)
    unit.name = _clean_unit_name(name) if unit.parent_id else ""
    unit.sort_name, unit.description = _stored_sort_key(unit.name), clean_description(description)
    unit.approves_mobile_devices = approves_mobile_devices
    after = _values(unit)
    old = {key: value for key, value in before.items() if value != after[key]}
    if not old:
        return unit
    _refuse_same_name(tree_of(unit.customer_id), unit, "name")
    with refuse_duplicate(_NAME_IS_TAKEN, "name"):
        unit.save(update_fields=["name", "sort_name", "description", "approves_mobile_devices"])
    new = {key: after[key] for key in old}
    record_audit(
        EventName.EDIT_ORG_UNIT,
        actor=actor,
        customer=unit.customer_id,
        subject=str(unit),
        target=unit,
        old=old,
        new=new,
    )
    return unit


@transaction.atomic
def move_org_unit(*, actor: Actor | None, unit: OrgUnit, parent: OrgUnit) -> OrgUnit:
    """Hang a unit, with everything in it and below it, under another one. Raises Refused.

    The customer is locked: two moves are one after the other, and the second sees what the first did. So no two of
    them make a circle together.
    """
    lock_directory(actor, Permission.MANAGE_ORG_UNITS, unit.customer_id)
    unit, tree = _existing(unit), tree_of(unit.customer_id)
    if unit.parent_id == parent.pk:
        return unit
    if unit.parent_id is None:
        raise Refused(_("The top of the tree cannot be moved."), "parent", reason="conditionNotMet")
    if parent.pk in tree.below(unit.pk):
        raise Refused(
            _("A unit cannot be moved into itself or below itself. Choose a unit outside of it."),
            "parent",
            reason="conditionNotMet",
        )
    _refuse_place(tree, parent, levels=1 + tree.height(unit.pk))
    old = {"org_unit": tree.path(unit.pk)}
    unit.parent = parent
    _refuse_same_name(tree, unit, "parent")
    with refuse_duplicate(_NAME_IS_TAKEN, "parent"):
        unit.save(update_fields=["parent"])
    new = {"org_unit": tree_of(unit.customer_id).path(unit.pk)}
    record_audit(
        EventName.MOVE_ORG_UNIT,
        actor=actor,
        customer=unit.customer_id,
        subject=unit.name,
        target=unit,
        old=old,
        new=new,
    )
    return unit


@transaction.atomic
def remove_org_unit(*, actor: Actor | None, unit: OrgUnit, also_inside: Sequence[str] = ()) -> None:
    """Delete a unit with nothing inside; deleting it a second time changes nothing. Raises Refused.

    People who were deleted, and could be had back, move to the unit above.
    also_inside: in words what else keeps it. Pages and jobs call subscriptions.leaving.remove_org_unit, which knows.
    """
    customer = lock_directory(actor, Permission.MANAGE_ORG_UNITS, unit.customer_id)
    found = OrgUnit.objects.filter(pk=unit.pk, customer=customer).first()
    if found is None:
        return
    if found.parent_id is None:
        raise Refused(_("The top of the tree cannot be deleted."), reason="conditionNotMet")
    if inside := [*_inside_of(found), *also_inside]:
        raise Refused(
            _("%(unit)s is not empty. There are still inside: %(inside)s. Move or remove them first.")
            % {"unit": isolated(found.name), "inside": ", ".join(inside)},
            reason="conditionNotMet",
        )
    tree = tree_of(customer)
    old = {"org_unit": tree.path(found.pk)}
    _move_deleted_people_up(actor, found, tree)
    found.delete()
    record_audit(EventName.REMOVE_ORG_UNIT, actor=actor, customer=customer, subject=found.name, target=unit, old=old)


def _inside_of(unit: OrgUnit) -> list[str]:
    """Return in words what keeps a unit from being deleted, each with its number."""
    children, people = unit.children.count(), unit.people.filter(deleted_at=None).count()
    devices = unit.devices.count()
    found = (
        (children, ngettext("%(number)s unit", "%(number)s units", children)),
        (people, ngettext("%(number)s person", "%(number)s people", people)),
        (devices, ngettext("%(number)s device", "%(number)s devices", devices)),
    )
    return [text % {"number": number} for number, text in found if number]


def _move_deleted_people_up(actor: Actor | None, unit: OrgUnit, tree: Tree) -> None:
    people = list(unit.people.order_by("pk").only("email"))
    User.objects.filter(org_unit=unit).update(org_unit=unit.parent_id)
    old, new = {"org_unit": tree.path(unit.pk)}, {"org_unit": tree.path(tree.above(unit.pk)[-2].pk)}
    move, customer = EventName.MOVE_USER_TO_ORG_UNIT, unit.customer_id
    record_many(
        event(move, actor=actor, customer=customer, subject=person.email, target=person, old=old, new=new)
        for person in people
    )


def _existing(unit: OrgUnit) -> OrgUnit:
    """Return a unit as it is stored now; its customer is locked. Raises Refused for one deleted meanwhile."""
    found = OrgUnit.objects.filter(pk=unit.pk, customer=unit.customer_id).first()
    if found is None:
        raise Refused(NO_SUCH_UNIT, reason="notFound")
    return found


def _refuse_place(tree: Tree, parent: OrgUnit, *, levels: int) -> None:
    """Refuse a place that is not there (any more), and one below which `levels` more would be too deep."""
    if tree.get(parent.pk) is None:
        raise Refused(NO_SUCH_UNIT, "parent", reason="notFound")
    if tree.depth(parent.pk) + levels > MAX_DEPTH:
        text = _("A tree has at most %(number)s levels. Choose a place further up.")
        raise Refused(text % {"number": MAX_DEPTH}, "parent", reason="conditionNotMet")


def _refuse_same_name(tree: Tree, unit: OrgUnit, field: str) -> None:
    """Refuse the name of another unit at the same place, compared as names are (P10)."""
    if unit.parent_id and name_key(unit.name) in map(name_key, tree.names_below(unit.parent_id, without=unit.pk)):
        raise Duplicate(_NAME_IS_TAKEN, field)


def _values(unit: OrgUnit) -> dict[str, str | bool | None]:
    return {"name": unit.name, "description": unit.description, "approves_mobile_devices": unit.approves_mobile_devices}


def _clean_unit_name(name: str) -> str:
    """Return the name of a unit; a slash separates units in a path, and so stands in no name. Raises Refused."""
    name = clean_name(name, max_length=NAME_MAX_LENGTH)
    if "/" in name:
        raise Refused(_("Use a name without a slash: slashes separate units in a path."), "name")
    return name


def _stored_sort_key(name: str) -> str:
    return sort_key(name)[:SORT_NAME_MAX_LENGTH]
