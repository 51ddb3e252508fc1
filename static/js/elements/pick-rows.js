// <pick-rows> around a list: "all on this page" ticks the rows, the bulk bar shows while something is ticked and says how many.
class PickRows extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", (event) => {
      if (event.target.matches("[data-pick-all]")) this.#boxes.forEach((box) => (box.checked = event.target.checked));
      this.#tell();
    });
    this.addEventListener("click", (event) => {
      if (!event.target.closest("[data-pick-none]")) return;
      this.#boxes.forEach((box) => (box.checked = false));
      this.#tell();
    });
    this.addEventListener("htmx:afterSettle", () => this.#tell());
    this.#tell();
  }

  get #boxes() {
    return [...this.querySelectorAll("tbody .list__pick input")];
  }

  #tell() {
    const boxes = this.#boxes;
    const picked = boxes.filter((box) => box.checked).length;
    const all = this.querySelector("[data-pick-all]");
    const bulk = this.querySelector(".bulk");
    if (all) {
      all.checked = picked > 0 && picked === boxes.length;
      all.indeterminate = picked > 0 && picked < boxes.length;
    }
    if (bulk) bulk.hidden = picked === 0;
    this.querySelectorAll("[data-picked]").forEach((spot) => (spot.textContent = picked));
  }
}
customElements.define("pick-rows", PickRows);
