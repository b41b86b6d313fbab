// The navigation drawer. Without this file it is open on wide screens and a popover on narrow ones.

const drawer = document.getElementById("drawer");
const collapse = document.querySelector("[data-drawer-collapse]");
const root = document.documentElement;

function showCollapsed(collapsed) {
  if (collapsed) root.dataset.drawer = "collapsed";
  else delete root.dataset.drawer;
  collapse.setAttribute("aria-expanded", String(!collapsed));
  // With the labels out of sight, the pointer still finds them.
  for (const link of drawer.querySelectorAll(".nav__link")) {
    if (collapsed) link.title = link.textContent.trim();
    else link.removeAttribute("title");
  }
}

if (drawer && collapse) {
  collapse.hidden = false;
  showCollapsed(root.dataset.drawer === "collapsed");
  collapse.addEventListener("click", () => {
    const collapsed = root.dataset.drawer !== "collapsed";
    showCollapsed(collapsed);
    try {
      localStorage.setItem("drawer", collapsed ? "collapsed" : "open");
    } catch {
      // Storage may be forbidden; the choice then lasts for this page.
    }
  });
}

if (drawer) {
  // As long as the drawer is over the page, the keyboard stays in it.
  const behind = [".topbar", ".acting", ".main", ".help", ".skip-link"].map((selector) => document.querySelector(selector)).filter(Boolean);
  drawer.addEventListener("beforetoggle", (event) => {
    if (event.newState === "closed") for (const part of behind) part.inert = false;
  });
  drawer.addEventListener("toggle", (event) => {
    if (event.newState !== "open") return;
    for (const part of behind) part.inert = true;
    (drawer.querySelector("[aria-current='page']") ?? drawer.querySelector("button, a")).focus();
  });
  // A window that grows past the narrow layout has no use for an open popover.
  matchMedia("(min-width: 60.0625rem)").addEventListener("change", (event) => {
    if (event.matches && drawer.matches(":popover-open")) drawer.hidePopover();
  });
}
