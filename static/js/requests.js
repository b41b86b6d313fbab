// What htmx does when the answer is not the piece of page it asked for.

document.addEventListener("htmx:beforeSwap", (event) => {
  // The session is over: the sign-in page must not appear inside a card.
  const answered = new URL(event.detail.xhr.responseURL || location.href, location.href);
  if (answered.pathname.startsWith("/accounts/login")) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});

for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    document.documentElement.dataset.stale = "true";
    const note = document.getElementById("stale");
    if (note) note.hidden = false;
  });
}
document.addEventListener("htmx:afterOnLoad", () => {
  delete document.documentElement.dataset.stale;
  const note = document.getElementById("stale");
  if (note) note.hidden = true;
});
