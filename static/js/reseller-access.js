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
  return found;
}

function showReseller(reseller) {
  const [main, ...rest] = reseller.querySelectorAll("input[name='allow']");
  for (const box of rest) box.disabled = !main.checked;
  const agreement = reseller.querySelector("[data-agreement]");
  if (!agreement) return;
  const asksForMore = main.checked && rest.some((box) => box.checked && box.dataset.stored === "off");
  const appears = agreement.hidden && asksForMore;
  agreement.hidden = !asksForMore;
  if (appears) agreement.scrollIntoView({ block: "nearest" });
}

function show() {
  const resellers = [...document.querySelectorAll("[data-reseller]")];
  resellers.forEach(showReseller);
  const changes = resellers.flatMap(sentences);
  const list = form.querySelector("[data-changed] ul");
  const shown = [...list.children].map((item) => item.textContent);
  form.querySelector("[data-changed]").hidden = changes.length === 0;
  form.querySelector("[data-unchanged]").hidden = changes.length > 0;
  form.querySelector("[data-discard]").hidden = changes.length === 0;
  if (changes.join("\n") === shown.join("\n")) return;
  list.replaceChildren(
    ...changes.map((sentence) => {
      const item = document.createElement("li");
      item.textContent = sentence;
      return item;
    }),
  );
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
  form.addEventListener("submit", () => save.setAttribute("aria-disabled", "true"));
  addEventListener("pageshow", () => {
    save.removeAttribute("aria-disabled");
    show();
  });
  show();
}
