"""A worker process that is stopped by the machine at the worst moment: between the last accept and closing the door."""

from __future__ import annotations

import time
from typing import Any

from reseller_console import web_server


class Worker(web_server.Worker):
    """Waits for a while where others connect."""

    def _take_in(self, listener: Any) -> None:
        super()._take_in(listener)
        time.sleep(0.5)
