"""google-cloud-support, the generated client of the original: enums travel as numbers (X5)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from google.api_core.exceptions import BadRequest, NotFound
from google.cloud import support_v2
from google.cloud.support_v2.services.case_attachment_service.transports import CaseAttachmentServiceRestTransport
from google.cloud.support_v2.services.case_service.transports import CaseServiceRestTransport
from google.cloud.support_v2.services.comment_service.transports import CommentServiceRestTransport
from google.oauth2.credentials import Credentials
from pytest_django.live_server_helper import LiveServer

from support.models import Case
from tests.api.cloud_support.world import name_of, parent_of
from tests.api.machines import machine
from tests.cast import Cast
from tests.support.world import attach, make_case

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def options(transactional_db: None, live_server: LiveServer, cast: Cast) -> dict[str, Any]:
    place = urlsplit(live_server.url)
    credentials = Credentials(machine(cast.acme.support_manager))  # type: ignore[no-untyped-call]
    return {"host": place.netloc, "url_scheme": "http", "credentials": credentials}


def test_X5_the_generated_client_follows_a_case(options: dict[str, Any], cast: Cast) -> None:
    client = support_v2.CaseServiceClient(transport=CaseServiceRestTransport(**options))
    parent = parent_of(cast.acme.customer)
    [classification] = client.search_case_classifications(request={"query": 'id="google_cloud.compute.machines"'})
    case = client.create_case(
        parent=parent,
        case=support_v2.Case(
            display_name="No machine starts",
            description="Since Monday",
            classification=classification,
            priority=support_v2.Case.Priority.P1,
            subscriber_email_addresses=["alice@acme.example"],
            test_case=True,
        ),
    )
    assert case.priority == support_v2.Case.Priority.P1
    assert case.state == support_v2.Case.State.NEW
    assert case.creator.username == "bob@acme.example" and not case.creator.google_support
    assert case.create_time.timestamp() == pytest.approx(Case.objects.get().filed_at.timestamp())
    assert client.get_case(name=case.name) == case
    make_case(cast.acme.customer, cast.acme.super_admin)
    request = support_v2.ListCasesRequest(parent=parent, page_size=1, filter="state=OPEN")
    assert [each.display_name for each in client.list_cases(request=request)] == ["Mail is late", "No machine starts"]
    found = client.search_cases(request={"parent": parent, "query": '"machine starts"'})
    assert [each.name for each in found] == [case.name]
    changed = {"name": case.name, "display_name": "One starts", "priority": "P3"}
    mask = {"paths": ["display_name", "priority"]}
    case = client.update_case(request={"case": changed, "update_mask": mask})
    assert (case.display_name, case.priority) == ("One starts", support_v2.Case.Priority.P3)
    escalation = support_v2.Escalation(
        reason=support_v2.Escalation.Reason.BUSINESS_IMPACT, justification="Nobody can work."
    )
    request = support_v2.EscalateCaseRequest(name=case.name, escalation=escalation)
    assert client.escalate_case(request=request).escalated
    assert client.close_case(request={"name": case.name}).state == support_v2.Case.State.CLOSED
    with pytest.raises(NotFound):
        client.get_case(name=f"{parent_of(cast.globex.customer)}/cases/1")
    with pytest.raises(BadRequest):
        client.list_cases(request={"parent": parent, "filter": "colour=red"})


def test_X5_the_generated_client_reads_comments_and_files(options: dict[str, Any], cast: Cast) -> None:
    case = make_case(cast.acme.customer, cast.acme.super_admin)
    comments = support_v2.CommentServiceClient(transport=CommentServiceRestTransport(**options))
    said = comments.create_comment(parent=name_of(case), comment=support_v2.Comment(body="Since Monday"))
    assert said.name == f"{name_of(case)}/comments/1"
    assert [each.body for each in comments.list_comments(parent=name_of(case))] == ["Since Monday"]
    attach(case, cast.acme.super_admin, b"hello")
    files = support_v2.CaseAttachmentServiceClient(transport=CaseAttachmentServiceRestTransport(**options))
    [file] = files.list_attachments(parent=name_of(case))
    assert (file.filename, file.mime_type, file.size_bytes) == ("a.txt", "text/plain", 5)
