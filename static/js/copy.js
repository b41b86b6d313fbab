// Buttons that copy the text of another element. Without this file that text is selected whole with one click.

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Forbidden, or a page without HTTPS: what is selected can still be copied by hand.
    return false;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  const done = await copy(source.dataset.copyText ?? source.textContent.trim());
  if (!done) getSelection().selectAllChildren(source);
  button.nextElementSibling.textContent = done ? button.dataset.copied : button.dataset.selected;
});

for (const button of document.querySelectorAll("[data-copy]")) button.hidden = false;
