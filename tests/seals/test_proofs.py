"""The proof of one event: downloaded by auditors, and checked by a script that knows nothing of ours (A5)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Customer
from accounts.seals.keys import public_of, signing_key
from accounts.seals.proofs import proof_of
from reseller_console.local import places
from tests.access.world import make_world
from tests.client import signed_in
from tests.seals.log import ANOTHER_KEY, EVENTS, Log
from tests.web.trail_world import write

SCRIPT = places.CHECKOUT / "examples" / "check_event_proof.py"


def check(directory: Path, proof: dict[str, Any], *words: str) -> tuple[int, str]:
    """Run the script as an auditor does: in a process of its own, where our code is not."""
    file = directory / "proof.json"
    file.write_text(json.dumps(proof))
    ended = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(file), *words],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_A5_a_script_with_no_code_of_ours_checks_the_proof_of_each_event(log: Log, tmp_path: Path) -> None:
    for size in (1, 2, 7):
        log.write(size, new={"name": 'Zoë “½” \u2028 \\ " end', "n": 1.50})
        log.seal()
    said = ""
    for event in AuditEvent.objects.order_by("at", "id"):
        proof = proof_of(event)
        status, said = check(tmp_path, proof, proof["seal"]["public_key"])
        assert (status, json.loads(proof["event"])["id"]) == (0, event.pk), said
        assert f"event {event.pk} " in said
    assert re.search(r"seal 1/3\b", said)


def signed_by_another(seal: dict[str, str]) -> dict[str, str]:
    """The same statement with a good signature of a key that is not known."""
    key = signing_key(ANOTHER_KEY)
    return {**seal, "signature": key.sign(seal["statement"].encode()).hex(), "public_key": public_of(key)}


def test_A5_the_script_refuses_what_was_changed(log: Log, tmp_path: Path) -> None:
    events = log.write(5)
    log.seal()
    proof = proof_of(AuditEvent.objects.get(pk=events[2]))
    other = proof_of(AuditEvent.objects.get(pk=events[3]))
    wrong: list[dict[str, Any]] = [
        {**proof, "event": proof["event"].replace("person 2", "person 3")},
        {**proof, "event": other["event"]},
        {**proof, "path": proof["path"][:-1]},
        {**proof, "path": [{**step, "side": "left"} for step in proof["path"]]},
        {**proof, "seal": {**proof["seal"], "signature": "00" * 64}},
        {
            **proof,
            "seal": {**proof["seal"], "statement": proof["seal"]["statement"].replace('"events":5', '"events":6')},
        },
        {**proof, "head": {**proof["head"], "signature": "00" * 64}},
        {**proof, "seal": signed_by_another(proof["seal"])},
    ]
    for changed in wrong:
        assert check(tmp_path, changed, proof["seal"]["public_key"])[0] != 0
    assert check(tmp_path, proof, "00" * 32)[0] != 0, "signed by another key than the auditor knows"
    assert "noted" in check(tmp_path, proof)[1], "a key of the same file"
    assert check(tmp_path, proof, proof["seal"]["public_key"])[0] == 0


def test_A5_the_script_is_short_and_needs_nothing_of_ours() -> None:
    text = SCRIPT.read_text()
    begins = text.index("with open")
    assert len(text[begins:].splitlines()) <= 20
    imported = set(re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE))
    assert imported <= {"__future__", "hashlib", "json", "sys", "cryptography"}


def proof_url(customer: Customer, event: AuditEvent) -> str:
    return reverse("audit_event_proof", kwargs={"domain": customer.primary_domain, "event_id": event.pk})


def test_A5_an_auditor_downloads_the_proof_and_nobody_gets_another_organisations(log: Log, tmp_path: Path) -> None:
    world = make_world()
    stranger = make_world().customer
    log.seal()
    own = AuditEvent.objects.filter(customer_id=world.customer.pk).order_by("at", "id").first()
    other = AuditEvent.objects.filter(customer_id=stranger.pk).order_by("at", "id").first()
    assert own and other
    client = signed_in(world.admin.user)
    page = client.get(reverse("audit_log", kwargs={"domain": world.customer.primary_domain})).content.decode()
    assert proof_url(world.customer, own) in page
    answer = client.get(proof_url(world.customer, own))
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="audit-event-{own.pk}-')
    assert check(tmp_path, answer.json(), answer.json()["seal"]["public_key"])[0] == 0
    assert client.get(proof_url(world.customer, other)).status_code == 404
    assert signed_in(world.agent).get(proof_url(world.customer, own)).status_code in {302, 403}
    # Everybody may know by which key.
    [key] = Client().get(reverse("audit_seal_keys")).json()["keys"]
    assert key["public_key"] == answer.json()["seal"]["public_key"]


def test_A5_what_is_not_sealed_or_not_as_sealed_has_no_proof_and_the_page_says_so(log: Log) -> None:
    world = make_world()
    log.seal()
    sealed = AuditEvent.objects.filter(customer_id=world.customer.pk).order_by("at", "id").first()
    assert sealed
    log.tamper(f"UPDATE {EVENTS} SET subject = 'x' WHERE id = %s", sealed.pk)
    client = signed_in(world.admin.user)
    said = client.get(proof_url(world.customer, sealed), follow=True).content.decode()
    assert "is not what was sealed" in said
    unsealed = write(world.customer, world.admin, "now")
    said = client.get(proof_url(world.customer, unsealed), follow=True).content.decode()
    assert "is not sealed yet" in said
