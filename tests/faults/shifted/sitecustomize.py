"""Read by a Python process at its start where it is in PYTHONPATH: shifts what the process takes for the time."""

from __future__ import annotations

import os
import time

import time_machine

time_machine.travel(time.time() + float(os.environ["CLOCK_IS_AHEAD"]), tick=True).start()
