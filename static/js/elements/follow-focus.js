// Whoever works by keyboard keeps their place: when htmx swaps away what had the focus, the focus goes to what came in
// its stead; when a line is gone, to the line that moved up, or to what is left of its panel. Swaps that nobody asked
// for take no focus.
const FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary";
const places = new WeakMap(); // of each request: the panel, the list and the line the focus was in

const shown = (one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true });
const first = (part) => part?.isConnected && [...part.querySelectorAll(FOCUSABLE)].find(shown);
const isLost = () => document.activeElement === document.body || !document.activeElement.checkVisibility();

document.addEventListener("htmx:beforeRequest", ({ detail: { xhr, elt } }) => {
  if (!elt.contains(document.activeElement)) return;
  const line = elt.closest("li, tr");
  const at = line ? [...line.parentElement.children].indexOf(line) : -1;
  places.set(xhr, { panel: elt.closest("section, aside, main"), list: line?.parentElement, at });
});

document.addEventListener("htmx:afterSettle", ({ detail: { xhr, elt } }) => {
  if (!xhr || !places.has(xhr)) return;
  if (isLost()) (elt.querySelector("[autofocus]") ?? (elt.matches(FOCUSABLE) ? elt : first(elt)))?.focus();
  if (!isLost()) places.delete(xhr); // whatever takes the focus from now on is another request's affair
});

// An empty answer settles nothing.
document.addEventListener("htmx:afterRequest", ({ detail: { xhr } }) => {
  const place = xhr && places.get(xhr);
  if (!place) return;
  setTimeout(() => {
    if (!places.has(xhr) || !isLost()) return;
    const lines = place.list?.children ?? [];
    (first(lines[Math.min(place.at, lines.length - 1)]) || first(place.panel))?.focus?.();
  }, 100);
});
