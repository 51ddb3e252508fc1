// <pick-rows> around a list: ticks rows one by one, in a range with Shift, all on the page, or everybody in the view.
// The bulk bar shows while something is ticked. Each change is told as "picked", with how many and whether it is everybody.
class PickRows extends HTMLElement {
  #last = null; // the box ticked last, where a range begins
  #shift = false;
  #everybody = false;
  #keys = (event) => this.#key(event);

  connectedCallback() {
    document.addEventListener("keydown", this.#keys);
    this.addEventListener("click", (event) => this.#click(event));
    this.addEventListener("change", (event) => this.#changed(event.target));
    this.addEventListener("htmx:afterSettle", () => this.#tell());
    this.#tell();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#keys);
  }

  get #boxes() {
    return [...this.querySelectorAll("tbody .list__pick input")];
  }

  #click(event) {
    this.#shift = event.shiftKey;
    if (event.target.closest("[data-pick-none]")) this.#pick(this.#boxes, false);
    else if (event.target.closest("[data-pick-matching]")) this.#pick(this.#boxes, true, true);
  }

  #changed(box) {
    if (box.matches("[data-pick-all]")) return this.#pick(this.#boxes, box.checked);
    if (!box.matches(".list__pick input")) return;
    const boxes = this.#boxes;
    const from = boxes.indexOf(this.#last);
    const to = boxes.indexOf(box);
    const range = this.#shift && from >= 0 ? boxes.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
    this.#last = box;
    this.#shift = false;
    this.#pick(range, box.checked);
  }

  #key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target.closest("[popover], dialog, textarea, select, input:not([type=checkbox], [type=radio])")) return;
    if (event.key === "Escape" && !document.querySelector("details[open]")) this.#pick(this.#boxes, false);
    if (event.key !== "X" || !event.shiftKey) return;
    const box = target.closest("tr")?.querySelector(".list__pick input");
    if (!box || !this.contains(box)) return;
    event.preventDefault();
    this.#shift = true;
    box.checked = this.#last ? this.#last.checked : !box.checked;
    this.#changed(box);
  }

  #pick(boxes, ticked, everybody = false) {
    boxes.forEach((box) => (box.checked = ticked));
    this.#everybody = everybody;
    this.#tell();
  }

  #tell() {
    const boxes = this.#boxes;
    const picked = boxes.filter((box) => box.checked).length;
    const all = this.querySelector("[data-pick-all]");
    if (all) {
      all.checked = picked > 0 && picked === boxes.length;
      all.indeterminate = picked > 0 && picked < boxes.length;
    }
    this.#show(".bulk", picked > 0);
    // Actions that take exactly so many, as a merge takes two.
    for (const button of this.querySelectorAll("[data-takes]")) {
      button.disabled = this.#everybody || Number(button.dataset.takes) !== picked;
    }
    this.#show("[data-picked-page]", !this.#everybody);
    this.#show("[data-picked-all]", this.#everybody);
    this.#show("[data-pick-matching]", !this.#everybody && picked === boxes.length);
    this.querySelectorAll("[data-pick-everybody]").forEach((field) => (field.value = this.#everybody ? "1" : ""));
    this.querySelectorAll("[data-picked]").forEach((spot) => (spot.textContent = picked));
    this.dispatchEvent(new CustomEvent("picked", { bubbles: true, detail: { picked, everybody: this.#everybody } }));
  }

  #show(name, shown) {
    this.querySelectorAll(name).forEach((part) => (part.hidden = !shown));
  }
}
customElements.define("pick-rows", PickRows);
