"""A front that is told to read its files again, as docs/operations.md says after certificates were renewed."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.crowd import eventually
from tests.front import certificates
from tests.front.nginx import HOST, Front, ask
from tests.guide import GUIDE, StandIn

[RELOAD] = set(re.findall(r"`(docker compose exec front .*?)`", GUIDE))


def test_a_renewed_certificate_is_shown_after_the_command_of_the_guide(
    start_front: Callable[..., Front], mirror: int, tmp_path: Path
) -> None:
    front = start_front(mirror)
    assert ask(front.connect_securely()).status == 200
    certificates.make(front.directory, HOST)  # by another authority, which clients believe from now on
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(front.connect_securely())

    StandIn(tmp_path, options={"nginx": ["-c", str(front.directory / "nginx.conf")]}).follow(RELOAD)

    def is_shown() -> bool:
        try:
            return ask(front.connect_securely()).status == 200
        except ssl.SSLCertVerificationError:
            return False

    eventually(is_shown)
