// Runs before the first paint, so that a collapsed drawer does not jump.
document.documentElement.dataset.script = "on";
try {
  if (localStorage.getItem("drawer") === "collapsed") document.documentElement.dataset.drawer = "collapsed";
} catch {
  // Storage may be forbidden; the drawer is then simply open on every page.
}
