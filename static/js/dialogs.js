// <details data-dialog> unfolds in place without script; with script its panel is a modal dialog.

let count = 0;

function openDialog(details) {
  details.open = false;
  const panel = details.querySelector(".confirm__panel");
  const title = panel.querySelector("h2");
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  title.id ||= `dialog-title-${++count}`;
  dialog.setAttribute("aria-labelledby", title.id);
  for (const button of panel.querySelectorAll("[data-dialog-close]")) button.hidden = false;
  dialog.append(panel);
  // Beside the details, not inside: a closed <details> would hide it. Inside a form it stays in that form.
  details.after(dialog);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-dialog-close]")) dialog.close();
  });
  dialog.addEventListener("close", () => {
    details.append(panel);
    dialog.remove();
    details.querySelector("summary").focus();
  });
  dialog.showModal();
  // The harmless button first: Enter pressed too early must not destroy anything.
  panel.querySelector("[data-dialog-close]")?.focus();
}

// Capturing, and for the whole document: htmx may put new ones into the page.
document.addEventListener(
  "click",
  (event) => {
    const summary = event.target.closest?.("details[data-dialog] > summary");
    if (!summary) return;
    event.preventDefault();
    openDialog(summary.parentElement);
  },
  true,
);

// What was unfolded before this script was here.
for (const details of document.querySelectorAll("details[data-dialog][open]")) openDialog(details);
