// Rows chosen in a list: all of a page at once, kept from page to page of the same filter, counted in the bar.

const AT_MOST = 1000;

function stored(key) {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(key) ?? "[]"));
  } catch {
    return new Set();
  }
}

function follow(list) {
  const key = `selection ${list.dataset.selection}`;
  const boxes = [...list.querySelectorAll("tbody .list__box input")];
  const all = list.querySelector("[data-select-all]");
  const said = list.querySelector("[data-selected]");
  const none = list.querySelector("[data-select-none]");
  const everybody = list.querySelector("[data-select-everybody]");
  const form = said?.closest("form");
  if (!form || boxes.length === 0) return;
  const chosen = stored(key);

  function show() {
    for (const box of boxes) box.checked = chosen.has(box.value);
    const here = boxes.filter((box) => box.checked).length;
    all.checked = here === boxes.length;
    all.indeterminate = here > 0 && here < boxes.length;
    const number = chosen.size;
    const isAll = Boolean(everybody?.checked);
    const shown = isAll ? everybody.dataset.selectEverybody : number.toLocaleString(document.documentElement.lang);
    said.textContent = number === 1 && !isAll ? said.dataset.one : said.dataset.many.replace("{number}", shown);
    list.toggleAttribute("data-has-selection", number > 0 || isAll);
    none.hidden = number === 0 && !isAll;
  }

  function keep() {
    sessionStorage.setItem(key, JSON.stringify([...chosen]));
    show();
  }

  function choose(box, checked) {
    if (!checked) chosen.delete(box.value);
    else if (chosen.size < AT_MOST) chosen.add(box.value);
  }

  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) choose(box, all.checked);
    keep();
  });
  none.addEventListener("click", () => {
    chosen.clear();
    if (everybody) everybody.checked = false;
    keep();
    all.focus();
  });
  everybody?.addEventListener("change", show);
  list.addEventListener("change", (event) => {
    if (!boxes.includes(event.target)) return;
    choose(event.target, event.target.checked);
    keep();
  });
  form.addEventListener("submit", () => {
    for (const old of form.querySelectorAll("[data-chosen-elsewhere]")) old.remove();
    const here = new Set(boxes.map((box) => box.value));
    for (const value of chosen) {
      if (here.has(value)) continue;
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", name: boxes[0].name, value });
      input.dataset.chosenElsewhere = "";
      form.append(input);
    }
  });
  // Back from another page the browser puts its own ticks into the boxes.
  addEventListener("pageshow", show);
  show();
}

for (const list of document.querySelectorAll(".list[data-selection]")) follow(list);

// What was chosen has been done: the list begins with nothing chosen.
for (const form of document.querySelectorAll("form[data-selection-done]")) {
  form.addEventListener("submit", () => sessionStorage.removeItem(`selection ${form.dataset.selectionDone}`));
}
