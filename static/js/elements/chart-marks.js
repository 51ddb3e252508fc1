// <chart-marks> around a drawing: one stop for Tab, arrows from mark to mark. Without it every mark is a stop of its own.
const MARKS = ".column, td > a";
const STEPS = { ArrowRight: 1, ArrowLeft: -1 };
const ROWS = { ArrowDown: 1, ArrowUp: -1 };

class ChartMarks extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("focusin", (event) => this.#stopAt(event.target.closest(MARKS)));
    // The wide drawing and that of a phone: only one of them is shown.
    for (const drawing of this.querySelectorAll("svg, table")) this.#stopAt(drawing.querySelector(MARKS));
  }

  #stopAt(mark) {
    for (const one of mark ? this.#besides(mark) : []) one.setAttribute("tabindex", one === mark ? "0" : "-1");
  }

  #besides(mark) {
    return [...mark.closest("svg, table").querySelectorAll(MARKS)];
  }

  #key(event) {
    const mark = event.target.closest(MARKS);
    if (!mark || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const next = this.#next(mark, event.key);
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  #next(mark, key) {
    const marks = this.#besides(mark);
    if (key === "Home") return marks[0];
    if (key === "End") return marks.at(-1);
    if (key in STEPS) return marks[marks.indexOf(mark) + STEPS[key]];
    if (!(key in ROWS) || !mark.closest("td")) return null;
    const rows = [...mark.closest("tbody").rows].map((row) => row.cells[mark.closest("td").cellIndex]?.querySelector("a"));
    return rows[rows.indexOf(mark) + ROWS[key]];
  }
}
customElements.define("chart-marks", ChartMarks);
