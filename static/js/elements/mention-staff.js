// <mention-staff> around a textarea and a listbox of colleagues: after "@" the list opens, arrows choose, Enter takes.
class MentionStaff extends HTMLElement {
  connectedCallback() {
    this.text = this.querySelector("textarea");
    this.list = this.querySelector("[role=listbox]");
    this.text.setAttribute("aria-autocomplete", "list");
    this.text.setAttribute("aria-controls", this.list.id);
    this.text.addEventListener("input", () => this.#offer());
    this.text.addEventListener("blur", () => this.#close());
    this.text.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the textarea keeps the focus
      this.#take(event.target.closest("[role=option]"));
    });
  }

  get #begun() {
    return this.text.value.slice(0, this.text.selectionStart).match(/(?:^|\s)@([\p{L}\p{N}.'-]*(?: [\p{L}\p{N}.'-]*)?)$/u)?.[1];
  }

  get #offered() {
    return [...this.list.children].filter((option) => !option.hidden);
  }

  #offer() {
    const begun = this.#begun?.toLocaleLowerCase();
    for (const option of this.list.children) {
      option.hidden = begun === undefined || !option.dataset.name.toLocaleLowerCase().startsWith(begun);
    }
    this.list.hidden = this.#offered.length === 0;
    this.#choose(this.list.hidden ? undefined : this.#offered[0]);
  }

  #choose(option) {
    for (const one of this.list.children) one.setAttribute("aria-selected", String(one === option));
    if (option) this.text.setAttribute("aria-activedescendant", option.id);
    else this.text.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    if (this.list.hidden || event.ctrlKey || event.metaKey) return;
    const offered = this.#offered;
    const at = offered.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.#choose(offered[(at + step + offered.length) % offered.length]);
    else if (event.key === "Enter" || event.key === "Tab") this.#take(offered[at]);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #take(option) {
    if (!option) return;
    const from = this.text.selectionStart - this.#begun.length;
    this.text.setRangeText(`${option.dataset.name} `, from, this.text.selectionStart, "end");
    this.#close();
  }

  #close() {
    this.list.hidden = true;
    this.#choose(undefined);
  }
}
customElements.define("mention-staff", MentionStaff);
