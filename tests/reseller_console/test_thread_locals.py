"""Each thread has a language and a time zone of its own, as with what Django uses."""

from __future__ import annotations

import threading

from django.utils import timezone, translation


def test_a_language_and_a_time_zone_stay_in_their_thread() -> None:
    seen = []

    def look() -> None:
        seen.append((translation.get_language(), timezone.get_current_timezone_name()))

    with translation.override("fr"), timezone.override("Europe/Paris"):
        other = threading.Thread(target=look)
        other.start()
        other.join()
        look()
    assert seen == [("en", "UTC"), ("fr", "Europe/Paris")]
