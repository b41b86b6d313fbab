// What htmx does when the answer is not the piece of page it asked for.

const note = document.getElementById("stale");

// What is not saved yet stays on the screen: sent too late, the server keeps it until the person has signed in.
function staysOpen() {
  if (!document.querySelector("[data-unsaved]")) return false;
  document.getElementById("signed-out").hidden = false;
  return true;
}

document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Refresh") && staysOpen()) event.preventDefault();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const answered = new URL(xhr.responseURL || location.href, location.href);
  // The session is over, or this page is closed to the person now. The whole page says so, not a card of it.
  const signedOut = answered.pathname.startsWith("/accounts/login");
  const closed = requestConfig.verb === "get" && [403, 404].includes(xhr.status);
  if (!signedOut && !closed) return;
  event.detail.shouldSwap = false;
  if (closed || !staysOpen()) location.reload();
});

function showStale(stale) {
  if (note) note.hidden = !stale;
}

document.addEventListener("htmx:sendError", () => showStale(true));
document.addEventListener("htmx:timeout", () => showStale(true));
document.addEventListener("htmx:responseError", (event) => showStale(event.detail.xhr.status >= 500));
document.addEventListener("htmx:afterSwap", () => showStale(false));
