"""What mails about people and consoles say, and whether they are still for their recipient."""

from __future__ import annotations

from accounts.mail.letters import Writer

WRITERS: dict[str, Writer] = {}
