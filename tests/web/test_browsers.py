"""What *Your sessions* calls a browser: by the name a person knows, and by no other browser's."""

from __future__ import annotations

import pytest

from web.browsers import browser_text

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
LINUX = "Mozilla/5.0 (X11; Linux x86_64)"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8)"
NAMES = {
    f"{LINUX} {WEBKIT} Chrome/131.0.0.0 Safari/537.36": "Chrome on Linux",
    f"{LINUX} {WEBKIT} HeadlessChrome/131.0.0.0 Safari/537.36": "Chrome on Linux",
    f"{LINUX} {WEBKIT} Ubuntu Chromium/90.0 Chrome/90.0 Safari/537.36": "Chrome on Linux",
    f"{IPHONE} CriOS/131.0 Mobile/15E148 Safari/604.1": "Chrome on iOS",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/131.0.0.0 Safari/537.36": "Chrome on ChromeOS",
    f"{ANDROID} {WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36": "Chrome on Android",
    f"{WINDOWS} {WEBKIT} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0": "Edge on Windows",
    f"{WINDOWS} {WEBKIT} Chrome/64.0 Safari/537.36 Edge/17.17134": "Edge on Windows",
    f"{ANDROID} {WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36 EdgA/131.0.0.0": "Edge on Android",
    f"{IPHONE} Version/18.0 EdgiOS/131.0 Mobile/15E148 Safari/605.1.15": "Edge on iOS",
    f"{WINDOWS} {WEBKIT} Chrome/131.0.0.0 Safari/537.36 OPR/116.0.0.0": "Opera on Windows",
    f"{IPHONE} Version/18.1 Mobile/15E148 Safari/604.1 OPT/5.2.0": "Opera on iOS",
    "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18": "Opera on Windows",
    f"{ANDROID} {WEBKIT} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36": "Samsung Internet on Android",
    f"{MAC} {WEBKIT} Chrome/131.0.0.0 Safari/537.36 Vivaldi/7.0.3495.15": "Vivaldi on macOS",
    f"{WINDOWS} {WEBKIT} Chrome/128.0.0.0 YaBrowser/24.10.0.0 Safari/537.36": "Yandex Browser on Windows",
    f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15 Ddg/18.1": "DuckDuckGo on macOS",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0": "Firefox on Windows",
    "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0": "Firefox on Android",
    f"{IPHONE} FxiOS/133.0 Mobile/15E148 Safari/605.1.15": "Firefox on iOS",
    f"{MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15": "Safari on macOS",
    f"{IPHONE} Version/18.1 Mobile/15E148 Safari/604.1": "Safari on iOS",
    "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko": "Internet Explorer on Windows",
    # No Safari runs there: the browser does not say its own name.
    f"{LINUX} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15": "Linux",
    f"{ANDROID} AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30": "Android",
    "curl/8.5.0": "Another program",
    "": "Another program",
}


@pytest.mark.parametrize("user_agent", NAMES, ids=NAMES.values())
def test_a_browser_is_called_by_its_own_name(user_agent: str) -> None:
    assert browser_text(user_agent) == NAMES[user_agent]
