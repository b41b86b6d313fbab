// Help opens beside the page. Without script the button leads to the help page.

const help = document.getElementById("help");
const opener = document.querySelector("[data-help-open]");

function closeHelp() {
  help.hidden = true;
  opener.setAttribute("aria-expanded", "false");
  opener.focus();
}

if (help && opener) {
  opener.setAttribute("role", "button");
  opener.setAttribute("aria-controls", "help");
  opener.setAttribute("aria-expanded", "false");

  opener.addEventListener("htmx:confirm", (event) => {
    // A second press closes it again, without asking the server.
    if (help.hidden) return;
    event.preventDefault();
    closeHelp();
  });
  opener.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    opener.click();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "help-content") return;
    if (!help.hidden) return;
    help.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    document.getElementById("help-title").focus();
  });
  help.addEventListener("click", (event) => {
    if (event.target.closest("[data-help-close]")) closeHelp();
  });
  help.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeHelp();
  });
}
