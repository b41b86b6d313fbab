"""What a browser says about itself, in the words that a person has for it."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext as _

# The first that is found counts: each also calls itself what stands below it. Libraries for this know thousands of
# programs, by names that nobody uses ("Chrome Mobile iOS"): these are the browsers that people sign in with.
_BROWSERS: Final = {
    "Edge?|EdgA|EdgiOS": "Edge",
    "OPR|OPiOS|OPT|OPX|Opera|Opera Mini": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Vivaldi": "Vivaldi",
    "YaBrowser": "Yandex Browser",
    "DuckDuckGo|Ddg": "DuckDuckGo",
    "UCBrowser|UBrowser": "UC Browser",
    "HuaweiBrowser": "Huawei Browser",
    "MiuiBrowser": "Mi Browser",
    "Silk": "Silk",
    "Whale": "Whale",
    "Epiphany": "GNOME Web",
    "Firefox|FxiOS|Focus": "Firefox",
    "Chrome|HeadlessChrome|CriOS|Chromium": "Chrome",
    "Trident": "Internet Explorer",
    "Safari": "Safari",
}
_BY_MARK: Final = tuple((re.compile(rf"\b(?:{mark})/"), name) for mark, name in _BROWSERS.items())
_SYSTEMS: Final = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone|iPad|iPod": "iOS",
    "CrOS": "ChromeOS",
    "Mac OS X|Macintosh": "macOS",
    "Linux": "Linux",
}
# Only here is Safari what calls itself so: elsewhere it is a browser that does not say its own name.
_OF_SAFARI: Final = {"iOS", "macOS"}


def browser_text(user_agent: str) -> str:
    """Name browser and system, such as "Firefox on Windows"; what is known of them where that is less."""
    browser = next((name for mark, name in _BY_MARK if mark.search(user_agent)), "")
    system = next((name for mark, name in _SYSTEMS.items() if re.search(mark, user_agent)), "")
    if browser == "Safari" and system not in _OF_SAFARI:
        browser = ""
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Another program")
