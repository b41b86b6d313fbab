"""What a browser says about itself, in the words that a person has for it."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _

# The first that is found counts: each of them also calls itself what stands below it.
_BROWSERS: Final = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrom(?:e|ium)": "Chrome", "Safari": "Safari"}
_SYSTEMS: Final = {
    "Android": "Android",
    "iPhone|iPad": "iOS",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}


def browser_text(user_agent: str) -> str:
    """Name browser and system, such as "Firefox on Windows"; what is known of them where that is less."""
    browser = next((name for mark, name in _BROWSERS.items() if re.search(rf"\b(?:{mark})[A-Za-z]*/", user_agent)), "")
    system = next((name for mark, name in _SYSTEMS.items() if re.search(mark, user_agent)), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Another program")
