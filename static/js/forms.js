// Small comforts of forms: preferences that save themselves, no double send, errors that are found.

for (const form of document.querySelectorAll("form[data-autosubmit]")) {
  form.querySelector("[data-autosubmit-button]").hidden = true;
  // With the keyboard each arrow key changes a select: send when the choice is made, not on the way.
  let byKey = false;
  form.addEventListener("keydown", (event) => {
    byKey = event.target.matches("select") && event.key !== "Enter";
    if (event.target.matches("select") && event.key === "Enter") form.requestSubmit();
    else if (byKey) form.querySelector("[data-autosubmit-button]").hidden = false;
  });
  form.addEventListener("pointerdown", () => (byKey = false));
  form.addEventListener("change", () => {
    if (!byKey) form.requestSubmit();
  });
}

// A second click while the first is on its way sends nothing. The server would not apply it twice either.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  // An answer that is a download leaves this page open: let the form be used again.
  setTimeout(() => delete form.dataset.sent, 5000);
});
// Back from the next page, or answered by htmx: the form may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
document.addEventListener("htmx:afterRequest", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Messages can be closed; where the focus was in one, it goes to the page.
for (const button of document.querySelectorAll("[data-dismiss]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.closest(".notice").remove();
    document.getElementById("main")?.focus();
  });
}

document.querySelector("[data-error-summary]")?.focus();
