// <order-rows> around a list: its lines are dragged into order. Where a line has a form[data-order], that is sent with the
// new place; otherwise the line just moves, and the order of the hidden fields is what the form around it says.
class OrderRows extends HTMLElement {
  #dragged = null;

  connectedCallback() {
    this.addEventListener("dragstart", (event) => this.#start(event));
    this.addEventListener("dragover", (event) => this.#over(event));
    this.addEventListener("drop", (event) => this.#drop(event));
    this.addEventListener("dragend", () => this.#end());
    this.addEventListener("click", (event) => this.#click(event));
  }

  get #rows() {
    return [...this.querySelectorAll(":scope > ol > li")];
  }

  #start(event) {
    const row = event.target.closest?.("li[draggable]");
    if (!row) return;
    this.#dragged = row;
    row.dataset.dragged = "";
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "");
  }

  #over(event) {
    const row = event.target.closest("li");
    if (!this.#dragged || !row) return;
    event.preventDefault();
    this.#unmark();
    if (row !== this.#dragged) row.dataset.over = this.#isBelow(row, event) ? "after" : "before";
  }

  #isBelow(row, event) {
    const box = row.getBoundingClientRect();
    return event.clientY > box.top + box.height / 2;
  }

  #drop(event) {
    const row = event.target.closest("li");
    if (!this.#dragged || !row || row === this.#dragged) return;
    event.preventDefault();
    const rows = this.#rows.filter((one) => one !== this.#dragged);
    const place = rows.indexOf(row) + (this.#isBelow(row, event) ? 1 : 0);
    this.#put(this.#dragged, place);
  }

  #put(row, place) {
    const rows = this.#rows.filter((one) => one !== row);
    const form = row.querySelector("form[data-order]");
    if (form) {
      const to = Object.assign(document.createElement("input"), { type: "hidden", name: "to", value: place });
      form.append(to);
      form.requestSubmit();
      return;
    }
    if (place >= rows.length) row.parentElement.append(row);
    else rows[place].before(row);
  }

  #click(event) {
    const button = event.target.closest("[data-move]");
    if (!button) return;
    const row = button.closest("li");
    const place = this.#rows.indexOf(row) + Number(button.dataset.move);
    if (place < 0 || place >= this.#rows.length) return;
    this.#put(row, place);
    button.focus();
  }

  #unmark() {
    this.#rows.forEach((row) => delete row.dataset.over);
  }

  #end() {
    this.#unmark();
    if (this.#dragged) delete this.#dragged.dataset.dragged;
    this.#dragged = null;
  }
}
customElements.define("order-rows", OrderRows);
