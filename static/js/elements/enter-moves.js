// At a till one hand scans: Enter goes on to the next field, in a row left empty to the button that ends it, and after
// the last row to a new one. Without it Enter does nothing, and Tab goes the same way.
const FIELDS = "input:not([type=hidden], [type=radio], [type=checkbox]), select";

class EnterMoves extends HTMLElement {
  connectedCallback() {
    this.addEventListener("keydown", (event) => this.#on(event));
  }

  #on(event) {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing || !event.target.matches(FIELDS)) return;
    event.preventDefault();
    const row = event.target.closest("[data-row]");
    if (row && [...row.querySelectorAll("[placeholder]")].every((field) => !field.value)) return this.#end();
    const fields = [...this.querySelectorAll(FIELDS)].filter((field) => field.checkVisibility());
    const next = fields[fields.indexOf(event.target) + 1];
    if (row && !row.contains(next) && !next?.closest("[data-row]")) return this.#newRow();
    next?.focus();
    next?.select?.();
  }

  #newRow() {
    const more = this.querySelector("[data-more]");
    document.addEventListener("htmx:afterSettle", () => this.#last()?.focus(), { once: true });
    more?.click();
  }

  #last() {
    return [...this.querySelectorAll("[data-row]")].at(-1)?.querySelector(FIELDS);
  }

  #end() {
    const end = this.querySelector("[data-end]");
    (end ?? this.#last())?.focus();
  }
}
customElements.define("enter-moves", EnterMoves);
