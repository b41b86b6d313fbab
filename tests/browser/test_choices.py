"""What is chosen in a list can be read: the words of a choice are not cut off."""

from __future__ import annotations

from tests.browser import stage
from tests.browser.journey import Journey

# The chosen words of each select that are wider than its room.
CUT = """() => [...document.querySelectorAll("main select:not([multiple])")].filter((select) => {
  const style = getComputedStyle(select);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const room = select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return pen.measureText(select.selectedOptions[0].text).width > room + 1;
}).map((select) => `${select.name}: ${select.selectedOptions[0].text}`)"""


def test_the_choice_of_every_list_can_be_read(journey: Journey) -> None:
    case = stage.live_with_support(journey.scene)["case"]
    new_case = "support/cases/new/?service=google_workspace&category=mail.spam"
    pages = {
        journey.scene.sam: [new_case, f"support/cases/{case}/", "support/cases/"],
        journey.scene.vera: [f"/vendor/support/cases/{case}/", "/vendor/support/cases/"],
        journey.scene.alice: ["users/", "devices/", "audit/", "subscriptions/buy/"],
        journey.scene.rosa: ["/reseller/", "/reseller/customers/new/", "/reseller/activity/"],
    }
    cut = {}
    for person, paths in pages.items():
        page = journey.sit_down(person)
        for path in paths:
            journey.go(page, path)
            if found := page.evaluate(CUT):
                cut[path] = found
    assert cut == {}
