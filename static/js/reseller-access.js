// The page Reseller access: says what a save would change while the boxes are being ticked.
// Without this file the Save button leads over a page that says the same.

const form = document.getElementById("access-form");

function sentences(reseller) {
  const [main, ...rest] = reseller.querySelectorAll("input[name='allow']");
  const found = [];
  for (const box of [main, ...rest]) {
    // R4: without the console nothing is open, whatever the boxes below say.
    const wished = box.checked && main.checked;
    if (wished !== (box.dataset.stored === "on")) found.push(wished ? box.dataset.given : box.dataset.taken);
  }
  return main.checked ? [...found, ...extent(reseller, main.dataset.stored === "on")] : found;
}

// A day as the rest of the page writes days: 30 November 2027.
function written(day) {
  const language = document.documentElement.lang;
  if (!day) return "…";
  return new Date(`${day}T12:00`).toLocaleDateString(language === "en" ? "en-GB" : language, { dateStyle: "long" });
}

// How far the console is opened: what differs from what is stored, or from what the box alone means.
function extent(reseller, isOpen) {
  const fields = reseller.querySelector("[data-narrow]");
  const level = fields?.querySelector("input[name^='level-']:checked");
  const standing = fields?.querySelector("input[name^='standing-']:checked");
  const end = fields?.querySelector("select");
  if (!level || !standing || !end) return [];
  const day = fields.querySelector("input[type='date']");
  const found = [];
  if (level.value !== (isOpen ? fields.dataset.level : "full")) found.push(level.dataset.words);
  if (standing.value !== (isOpen ? fields.dataset.standing : "all")) found.push(standing.dataset.words);
  if (end.value !== (isOpen ? fields.dataset.end : "none")) {
    found.push(end.selectedOptions[0].dataset.words.replace("{day}", written(day.value)));
  }
  return found;
}

function showReseller(reseller) {
  const [main, ...rest] = reseller.querySelectorAll("input[name='allow']");
  for (const box of rest) box.disabled = !main.checked;
  const end = reseller.querySelector("[data-narrow] select");
  if (end) end.closest("[data-narrow]").toggleAttribute("data-asks-day", end.value === "day");
  const needs = reseller.querySelector("[data-needs-console]");
  if (needs) needs.hidden = main.checked;
  const agreement = reseller.querySelector("[data-agreement]");
  if (!agreement) return;
  const asksForMore = main.checked && rest.some((box) => box.checked && box.dataset.stored === "off");
  const appears = agreement.hidden && asksForMore;
  agreement.hidden = !asksForMore;
  return appears ? agreement : undefined;
}

// Whether ticks would be lost by leaving: then the browser asks first. Not on the way to saving or discarding them.
let leaving = false;
let unsaved = false;
addEventListener("beforeunload", (event) => {
  if (unsaved && !leaving) event.preventDefault();
});

function show() {
  const resellers = [...document.querySelectorAll("[data-reseller]")];
  const opened = resellers.map(showReseller).find(Boolean);
  const changes = resellers.flatMap(sentences);
  const list = form.querySelector("[data-changed] ul");
  const shown = [...list.children].map((item) => item.textContent);
  form.querySelector("[data-changed]").hidden = changes.length === 0;
  form.querySelector("[data-unchanged]").hidden = changes.length > 0;
  form.querySelector("[data-discard]").hidden = changes.length === 0;
  unsaved = changes.length > 0;
  form.toggleAttribute("data-unsaved", unsaved);
  if (changes.join("\n") !== shown.join("\n")) {
    list.replaceChildren(
      ...changes.map((sentence) => {
        const item = document.createElement("li");
        item.textContent = sentence;
        return item;
      }),
    );
  }
  // Last, when the bar below has its height: what was just opened stops above it.
  opened?.scrollIntoView({ block: "nearest" });
}

if (form) {
  const unchanged = form.querySelector("[data-unchanged]");
  unchanged.textContent = unchanged.dataset.unchanged;
  // The words are on the screen beside the button: no second page has to show them.
  form.elements.confirmed.value = "1";
  document.addEventListener("change", (event) => {
    if (event.target.form === form) show();
  });
  const save = form.querySelector("button[type='submit']");
  form.addEventListener("submit", () => {
    leaving = true;
    save.setAttribute("aria-disabled", "true");
  });
  form.querySelector("[data-discard]").addEventListener("click", () => (leaving = true));
  addEventListener("pageshow", () => {
    leaving = false;
    save.removeAttribute("aria-disabled");
    show();
  });
  show();
}
