"""The resources that this service publishes: what a program may send and reads back (RFC 7643).

Attributes of the RFC that the directory does not keep are in no schema. What comes of them: sent.py.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Filter,
    Mutability,
    Pagination,
    Patch,
    Reference,
    Required,
    Resource,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models.reference import External

# Rows of one answer: where a program names no number, and at most.
PAGE, LONGEST_PAGE = 100, 200


class Name(ComplexAttribute):
    """The parts of a name, as the provider sent them; the directory keeps one name, `displayName`."""

    given_name: str | None = None
    family_name: str | None = None


class Email(ComplexAttribute):
    """An address of a person: their own, which is `userName`, and aliases that a new one has left."""

    value: Annotated[str | None, Mutability.read_only] = None
    type: Annotated[str | None, Mutability.read_only] = None
    primary: Annotated[bool | None, Mutability.read_only] = None


class User(Resource[Any]):
    """A person of the organisation."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    display_name: Annotated[str | None, Required.true] = None
    name: Name | None = None
    active: Annotated[bool | None, Required.true] = None
    emails: Annotated[list[Email] | None, Mutability.read_only] = None


class Member(ComplexAttribute):
    """A person or a group in a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference[User | Group] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User", "Group"])


class Group(Resource[Any]):
    """A group of a customer."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = None
    members: list[Member] | None = None


Member.model_rebuild()
Group.model_rebuild()
CONFIG: Final = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=LONGEST_PAGE),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=False),
    etag=ETag(supported=False),
    pagination=Pagination(cursor=False, index=True, default_page_size=PAGE, max_page_size=LONGEST_PAGE),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="OAuth Bearer Token",
            description="A token of the organisation, made in the console under Provisioning",
            spec_uri=Reference[External]("https://www.rfc-editor.org/info/rfc6750"),
            primary=True,
        )
    ],
)
# A reseller's teams open consoles of customers, and are no groups (docs/decisions/0044).
OF_CUSTOMERS: Final = ScimProvider([User, Group], config=CONFIG)
OF_RESELLERS: Final = ScimProvider([User], config=CONFIG)
