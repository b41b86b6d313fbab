"""What can be delegated to a service account (X2): the original's scopes, and in words what each opens."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.errors import Refused

PREFIX: Final = "https://www.googleapis.com/auth/"
_WORDS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "apps.order": _("Customers and subscriptions of the reseller"),
        "apps.order.readonly": _("See customers and subscriptions of the reseller"),
        "apps.licensing": _("Assign licences"),
        "admin.directory.user": _("Users"),
        "admin.directory.user.readonly": _("See users"),
        "admin.directory.user.alias": _("Further addresses of users"),
        "admin.directory.user.alias.readonly": _("See further addresses of users"),
        "admin.directory.user.security": _("Sign users out"),
        "admin.directory.group": _("Groups"),
        "admin.directory.group.readonly": _("See groups"),
        "admin.directory.group.member": _("Members of groups"),
        "admin.directory.group.member.readonly": _("See members of groups"),
        "admin.directory.orgunit": _("Organisational units"),
        "admin.directory.orgunit.readonly": _("See organisational units"),
        "admin.directory.rolemanagement": _("Admin roles"),
        "admin.directory.rolemanagement.readonly": _("See admin roles"),
        "admin.directory.customer": _("Profile of the organisation"),
        "admin.directory.customer.readonly": _("See the profile of the organisation"),
        "admin.directory.domain": _("Domains"),
        "admin.directory.domain.readonly": _("See domains"),
        "admin.directory.device.chromeos": _("Devices with ChromeOS"),
        "admin.directory.device.chromeos.readonly": _("See devices with ChromeOS"),
        "admin.directory.device.mobile": _("Mobile devices"),
        "admin.directory.device.mobile.readonly": _("See mobile devices"),
        "admin.directory.device.mobile.action": _("Approve and block mobile devices"),
        "admin.reports.audit.readonly": _("Read the audit log"),
        "admin.reports.usage.readonly": _("Read figures of usage"),
        "apps.groups.settings": _("Settings of groups"),
        "cloud-platform": _("Support cases"),
        "reseller.access": _("See reseller access, take it away, and propose to give it"),
        "reseller.access.readonly": _("See reseller access"),
        "userinfo.email": _("See the address of the person it acts for"),
        "userinfo.profile": _("See the name of the person it acts for"),
    }
)
# OpenID Connect's own have no prefix.
_BARE: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "openid": _("Know which person it acts for"),
        "email": _WORDS["userinfo.email"],
        "profile": _WORDS["userinfo.profile"],
    }
)
# By the whole scope, in the order in which pages list them.
SCOPES: Final[Mapping[str, Promise]] = MappingProxyType(
    {**{PREFIX + name: words for name, words in _WORDS.items()}, **_BARE}
)


def whole(name: str) -> str:
    """Return a scope with its prefix; also one that was written without."""
    return name if name in SCOPES or "://" in name else PREFIX + name


def known(scopes: Iterable[str]) -> list[str]:
    """Return those of these scopes that there are, in the order of SCOPES, each once."""
    asked = {whole(scope) for scope in scopes}
    return [scope for scope in SCOPES if scope in asked]


def clean_scopes(scopes: Collection[str]) -> list[str]:
    """Return scopes as they are stored. Raises Refused for none, and for one that there is not."""
    if not scopes:
        raise Refused(gettext("Choose at least one."), "scopes")
    cleaned = known(scopes)
    if len(cleaned) < len({whole(scope) for scope in scopes}):
        raise Refused(gettext("There is no such scope."), "scopes")
    return cleaned
