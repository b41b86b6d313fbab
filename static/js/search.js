// List boxes below a field: the search of the top bar, and people to choose from where an address is asked for.
// Without this file the search is a form that leads to a page, and addresses are typed.

let count = 0;

// The arrow keys move through the options of a list box while the focus stays in the field. choose: what Enter does.
class ListBox {
  constructor(field, panel, said, choose) {
    Object.assign(this, { field, panel, said, choose, active: null });
    field.setAttribute("aria-autocomplete", "list");
    // A field of several lines stays what it is: a text box, which has no aria-expanded.
    if (field.tagName === "INPUT") {
      field.setAttribute("role", "combobox");
      field.setAttribute("aria-expanded", "false");
    }
    field.addEventListener("keydown", (event) => this.press(event));
    field.addEventListener("focusout", (event) => {
      if (!panel.contains(event.relatedTarget)) this.close();
    });
    // A click in the list does not take the focus out of the field before it counts.
    panel.addEventListener("mousedown", (event) => event.preventDefault());
    panel.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(option, event);
    });
  }

  get options() {
    return [...this.panel.querySelectorAll("[role=option]")];
  }

  get isOpen() {
    return !this.panel.hidden;
  }

  // What the server has put into the panel is shown, and how much it is is said.
  show() {
    this.mark(null);
    for (const option of this.options) option.id ||= `option-${++count}`;
    const list = this.panel.querySelector("[role=listbox]");
    const found = list?.querySelector("[role=option]");
    if (list) list.id ||= `options-${++count}`;
    this.panel.hidden = !this.panel.querySelector(".search__note:not(.visually-hidden), [role=option]");
    this.said.textContent = this.panel.querySelector("[data-said]")?.textContent.trim() ?? "";
    if (found) this.field.setAttribute("aria-controls", list.id);
    this.expand(Boolean(found) && this.isOpen);
  }

  expand(expanded) {
    if (this.field.hasAttribute("aria-expanded")) this.field.setAttribute("aria-expanded", String(expanded));
    if (!expanded) this.field.removeAttribute("aria-controls");
  }

  close() {
    this.panel.hidden = true;
    this.said.textContent = "";
    this.mark(null);
    this.expand(false);
  }

  mark(option) {
    this.active?.setAttribute("aria-selected", "false");
    this.active = option;
    if (!option) return this.field.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    this.field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  press(event) {
    if (!this.isOpen || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.options.length) {
      // Past an end the field itself is next, then the other end.
      const places = [null, ...this.options];
      event.preventDefault();
      this.mark(places[(places.indexOf(this.active) + step + places.length) % places.length]);
    } else if (event.key === "Enter" && this.active) {
      event.preventDefault();
      this.choose(this.active, event);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    }
  }
}

// --- The search of the top bar ---------------------------------------------------------------------------

const search = document.querySelector("[data-search]");
let before = null;

if (search) {
  const field = search.querySelector("[data-search-field]");
  const panel = document.getElementById("search-found");
  // A click on an option is a click on a link; Enter is made one.
  const box = new ListBox(field, panel, document.getElementById("search-said"), (option, event) => {
    if (event.type === "keydown") option.click();
  });
  panel.addEventListener("htmx:afterSwap", () => box.show());
  field.addEventListener("htmx:beforeRequest", (event) => {
    if (field.value.trim()) return;
    event.preventDefault();
    panel.replaceChildren();
    box.close();
  });
  // An answer that comes after the field was left opens nothing.
  panel.addEventListener("htmx:beforeSwap", (event) => {
    if (document.activeElement !== field) event.detail.shouldSwap = false;
  });
  field.addEventListener("focusin", (event) => {
    if (event.relatedTarget) before = event.relatedTarget;
    if (field.value.trim() && panel.querySelector("[role=option]")) box.show();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    // Back to where the person was.
    event.preventDefault();
    box.close();
    if (before?.isConnected) before.focus();
    else field.blur();
  });
}

function isTyping(target) {
  return target.closest("input, textarea, select, [contenteditable], dialog");
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const field = [...document.querySelectorAll("[data-search-field]")].find((one) => one.checkVisibility());
  const link = document.querySelector("[data-search-link]");
  if (!field && !link) return;
  event.preventDefault();
  before = document.activeElement === document.body ? null : document.activeElement;
  if (!field) return link.click();
  field.focus();
  field.select();
});

// --- People where an address is asked for ----------------------------------------------------------------

const suggests = document.body.dataset.suggests;

// Where the address that is being typed begins and ends: in a list up to the next separator.
function place(field) {
  if (field.dataset.people !== "many") return [0, field.value.length];
  const at = field.selectionStart;
  const start = Math.max(...[",", ";", "\n"].map((separator) => field.value.lastIndexOf(separator, at - 1))) + 1;
  const length = field.value.slice(start).search(/[,;\n]/);
  return [start, length < 0 ? field.value.length : start + length];
}

function write(field, address) {
  const [start, end] = place(field);
  const goesOn = field.dataset.people === "many" && end === field.value.length;
  field.setRangeText(`${address}${goesOn ? "\n" : ""}`, start, end, "end");
}

function suggest(field) {
  const panel = Object.assign(document.createElement("div"), { className: "search__below", hidden: true });
  const said = Object.assign(document.createElement("p"), { className: "visually-hidden" });
  said.setAttribute("role", "status");
  // The list lies below its field, whatever stands there.
  const around = Object.assign(document.createElement("div"), { className: "people" });
  const focused = document.activeElement === field;
  field.replaceWith(around);
  around.append(field, panel, said);
  if (focused) field.focus();
  const box = new ListBox(field, panel, said, (option) => {
    write(field, option.dataset.address);
    box.close();
    field.focus();
  });
  let waits = 0;
  let asked = null;

  async function ask() {
    const text = field.value.slice(...place(field)).trim();
    asked?.abort();
    asked = new AbortController();
    if (!text) return box.close();
    const url = new URL(suggests, location.href);
    url.searchParams.set("q", text);
    if (field.hasAttribute("data-people-groups")) url.searchParams.set("groups", "");
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: asked.signal });
      // A page in place of the suggestions says that the session or the access has ended: saving will say so.
      if (!answer.ok || answer.redirected || document.activeElement !== field) return box.close();
      panel.innerHTML = await answer.text();
      box.show();
    } catch (error) {
      if (error.name !== "AbortError") box.close();
    }
  }

  field.addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(ask, 200);
  });
  field.addEventListener("focusout", () => {
    clearTimeout(waits);
    asked?.abort();
  });
}

if (suggests) for (const field of document.querySelectorAll("[data-people]")) suggest(field);
