// The bar of an activation (R20): how many minutes are left, and the way to more time once it can be asked for.
const left = document.querySelector("[data-countdown]");
const more = document.querySelector("[data-more]");
const TEN_MINUTES = 10;

function show() {
  const minutes = Math.max(0, Math.ceil((new Date(left.dataset.countdown) - Date.now()) / 60000));
  left.textContent = left.dataset.words.replace("{minutes}", minutes);
  if (more && minutes <= TEN_MINUTES) more.hidden = false;
}

if (left) {
  show();
  setInterval(show, 20000);
}
