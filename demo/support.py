"""What happened with support in the example world: partners, cases, and one customer that has moved (S9)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from accounts.clock import database_now
from demo.cast import ACME, LUMIERE, NORTHWIND, RESALE_ONE
from demo.scene import Scene
from subscriptions.access import propagation
from support import case_notes, cases, migration, partner_desk, partners, vendor_desk
from support.cases import Draft
from support.models import Case, SupportAssignment
from support.models.case import EscalationReason, Priority, State
from support.models.partner import Service

SAM, CLAIRE, LENA, SVEN = (
    "sam@acme.example",
    "claire@lumiere.example",
    "lena@northwind.example",
    "sven@resale-one.example",
)
VERA, OLGA = "vera@vendor.example", "olga@vendor.example"
MAIL, BACKUP, CALENDAR, PHONES = (
    "Mail from our web shop arrives hours late",
    "The nightly backup stops half-way",
    "Les salles n’apparaissent plus dans l’agenda",
    "Desk phones lose their registration",
)
SNAPSHOTS = "Snapshots take a day to restore"


def live_with_support(scene: Scene, days_ago: int) -> None:
    """Add what happened that day; the scene's clock stands there."""
    _DAYS[days_ago](scene)


def _find_partners(scene: Scene) -> None:
    """Northwind supports both, though Acme later closes its console to it: the two decisions are apart (S6)."""
    _ask(scene, SAM, ACME, Service.GOOGLE_CLOUD, NORTHWIND, LENA, confirm=True)
    _ask(scene, CLAIRE, LUMIERE, Service.GOOGLE_WORKSPACE, NORTHWIND, LENA, confirm=True)


def _file_first_cases(scene: Scene) -> None:
    """Lumière moves to the Customer Care Portal; Acme will in two weeks."""
    migration.migrate_customer(actor=scene.actors[OLGA], customer=scene.customers[LUMIERE])
    propagation.apply_due_changes()
    description = "Since last week order confirmations need up to four hours. Customers call us. Other mail is on time."
    _file(scene, SAM, ACME, _draft(Service.GOOGLE_WORKSPACE, "mail.delivery", MAIL, description, Priority.P1))
    description = "The job ends at 02:40 with a quota error. Nothing was changed on our side."
    _file(scene, LENA, ACME, _draft(Service.GOOGLE_CLOUD, "storage.backup", BACKUP, description, Priority.P2))


def _answer(scene: Scene) -> None:
    vera = scene.actors[VERA]
    for title in (MAIL, BACKUP):
        vendor_desk.assign(actor=vera, case_id=_case(title), assignee=vera.user)
    text = "Please attach the headers of one late message, and tell us when it was sent."
    vendor_desk.answer(actor=vera, case_id=_case(MAIL), text=text, state=State.ACTION_REQUIRED)
    text = "The daily quota of snapshots was reached. We have raised it; please run the job again."
    vendor_desk.answer(actor=vera, case_id=_case(BACKUP), text=text, state=State.SOLUTION_PROVIDED)
    cases.close(actor=scene.actors[LENA], case_id=_case(BACKUP))
    cases.rate(
        actor=scene.actors[SAM], case_id=_case(BACKUP), satisfaction=4, text="Quick, once somebody looked at it."
    )
    description = "Depuis hier, aucune salle n’est proposée lors de la création d’un rendez-vous."
    _file(
        scene, CLAIRE, LUMIERE, _draft(Service.GOOGLE_WORKSPACE, "calendar.rooms", CALENDAR, description, Priority.P3)
    )


def _go_on(scene: Scene) -> None:
    sam = scene.actors[SAM]
    cases.comment(actor=sam, case_id=_case(MAIL), text="One was sent at 09:12 and arrived at 13:05.")
    why = "Our sale begins on Friday. Without confirmations customers order twice."
    cases.escalate(actor=sam, case_id=_case(MAIL), reason=EscalationReason.BUSINESS_IMPACT, justification=why)
    description = "About ten desk phones a day show “no service” until somebody unplugs them."
    _file(scene, SAM, ACME, _draft(Service.GOOGLE_VOICE, "voice_devices.phones", PHONES, description, Priority.P2))
    _ask(scene, SAM, ACME, Service.GOOGLE_VOICE, RESALE_ONE, SVEN, confirm=False)
    _work_at_two_desks(scene)
    day = database_now().date() + timedelta(days=15)
    migration.schedule_migration(actor=scene.actors[OLGA], customer=scene.customers[ACME], day=day)
    migration.announce_migration(actor=scene.actors[OLGA], customer=scene.customers[ACME])


def _work_at_two_desks(scene: Scene) -> None:
    """Lena has a case at Northwind, and each desk has a note that the other does not read (S13)."""
    lena, vera = scene.actors[LENA], scene.actors[VERA]
    description = "Restoring one snapshot needed 23 hours. Two months ago it was done within three."
    _file(scene, SAM, ACME, _draft(Service.GOOGLE_CLOUD, "storage.backup", SNAPSHOTS, description, Priority.P3))
    partner_desk.take_at_partner(actor=lena, case_id=_case(SNAPSHOTS))
    text = "Sam has the sizes of all snapshots in a list. Ask him for it before we test."
    case_notes.add_note(actor=lena, case_id=_case(SNAPSHOTS), text=text)
    text = "Same queue as the delay of last month; the mail team looks at its retries."
    case_notes.add_note(actor=vera, case_id=_case(MAIL), text=text)


def _answer_today(scene: Scene) -> None:
    """One answer is due later today, the others are late."""
    vera = scene.actors[VERA]
    vendor_desk.take(actor=vera, case_id=_case(CALENDAR))
    text = "Nous avons retrouvé les salles dans un journal de modifications et vérifions les droits."
    vendor_desk.answer(actor=vera, case_id=_case(CALENDAR), text=text, state=State.IN_PROGRESS_GOOGLE_SUPPORT)


def _ask(
    scene: Scene, by: str, customer: str, service: Service, reseller: str, verifier: str, *, confirm: bool
) -> SupportAssignment:
    assignment = partners.assign_support_partner(
        actor=scene.actors[by],
        customer=scene.customers[customer],
        service=service,
        reseller=scene.resellers[reseller],
        verifier_email=verifier,
    )
    if confirm:
        # The mail with the link waits for a worker, and is not sent any more once this is settled.
        partners.decide(actor=scene.actors[verifier], assignment_id=assignment.pk, confirm=True)
    return assignment


def _file(scene: Scene, by: str, customer: str, draft: Draft) -> Case:
    user = scene.actors[by].user
    draft = replace(draft, language=user.language or "en", time_zone=user.time_zone)
    return cases.file_case(actor=scene.actors[by], customer=scene.customers[customer], draft=draft)


def _draft(service: Service, category: str, title: str, description: str, priority: Priority) -> Draft:
    return Draft(service, category, title, description, priority, language="", time_zone="")


def _case(title: str) -> int:
    return Case.objects.values_list("pk", flat=True).get(title=title)


_DAYS = {20: _find_partners, 10: _file_first_cases, 3: _answer, 1: _go_on, 0: _answer_today}
