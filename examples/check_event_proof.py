"""Checks that one event is in the sealed audit log: python check_event_proof.py PROOF.json PUBLIC_KEY […]

Needs Python and the package `cryptography`; docs/audit-seals.md says what stands in the file.
"""

from __future__ import annotations

import hashlib
import json
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

with open(sys.argv[1], encoding="utf-8") as file:  # noqa: PTH123  as people write it
    proof = json.load(file)
digest = hashlib.sha256(b"\x00" + proof["event"].encode()).digest()
for step in proof["path"]:
    neighbour = bytes.fromhex(step["digest"])
    both = neighbour + digest if step["side"] == "left" else digest + neighbour
    digest = hashlib.sha256(b"\x01" + both).digest()
seal = json.loads(proof["seal"]["statement"])
if digest.hex() != seal["root"]:
    sys.exit("WRONG: the event is not in the tree of this seal.")
known = sys.argv[2:] or sys.exit("Give the public key that you noted: one from the same file proves nothing.")
for signed in (proof["seal"], proof["head"]):
    if signed["public_key"] not in known:
        sys.exit("WRONG: it is signed by another key than those that you know.")
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed["public_key"]))
    key.verify(bytes.fromhex(signed["signature"]), signed["statement"].encode())  # raises InvalidSignature
event, head = json.loads(proof["event"]), json.loads(proof["head"]["statement"])
print(f"event {event['id']} of {event['at']} is in seal {seal['era']['number']}/{seal['number']}.")
print(f"The newest seal was {head['era']['number']}/{head['number']} with root {head['root']}.")
