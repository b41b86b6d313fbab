"""What tests of the pages of users need."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse

from accounts.models import User
from accounts.names import sort_key
from accounts.roles import Role
from tests.access.world import World
from tests.factories import make_person


def url(world: World, name: str = "users", person: User | None = None, **more: Any) -> str:
    ids = {"user_id": person.pk} if person else {}
    return reverse(name, kwargs={"domain": world.customer.primary_domain, **ids, **more})


def person(world: World, name: str, *roles: Role, local_part: str = "", **fields: Any) -> User:
    local_part = local_part or re.sub("[^a-z0-9]", "", sort_key(name))
    made = make_person(world.customer, *roles, name=name, email=f"{local_part}@{world.customer.primary_domain}")
    User.objects.filter(pk=made.pk).update(**fields)
    return made
