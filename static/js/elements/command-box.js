// The command box: Ctrl+K opens it, arrows choose, Enter opens. htmx fetches the people; pages are filtered here.
class CommandBox extends HTMLElement {
  #keys = (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      // The toggle event comes later than the next key of a fast typist.
      if (this.togglePopover()) this.#open();
    }
  };

  connectedCallback() {
    document.addEventListener("keydown", this.#keys);
    this.addEventListener("toggle", (event) => event.newState === "open" && this.#openOnce());
    this.addEventListener("keydown", (event) => this.#move(event));
    this.addEventListener("input", () => this.#filterPages());
    this.addEventListener("htmx:afterSwap", () => this.#choose(this.#items()[0]));
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#keys);
  }

  get #input() {
    return this.querySelector("input");
  }

  #openOnce() {
    if (document.activeElement !== this.#input) this.#open();
  }

  #open() {
    this.#input.focus();
    this.#input.select();
    this.#filterPages();
  }

  #items() {
    return [...this.querySelectorAll("[role=option]:not([hidden])")];
  }

  #filterPages() {
    const words = this.#input.value.trim().toLowerCase();
    const pages = this.querySelector(".command__pages");
    if (!words) this.querySelector(".command__people").replaceChildren();
    for (const page of pages.querySelectorAll("[role=option]")) {
      page.hidden = !page.querySelector("span").textContent.toLowerCase().includes(words);
    }
    pages.hidden = !pages.querySelector("[role=option]:not([hidden])");
    this.#choose(this.#items()[0]);
  }

  #choose(chosen) {
    this.querySelectorAll("[aria-selected=true]").forEach((item) => item.setAttribute("aria-selected", "false"));
    this.#input.removeAttribute("aria-activedescendant");
    if (!chosen) return;
    this.#items().forEach((item, index) => (item.id ||= `found-${index}-${Math.random().toString(36).slice(2, 7)}`));
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    this.#input.setAttribute("aria-activedescendant", chosen.id);
  }

  #move(event) {
    const items = this.#items();
    const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length) {
      event.preventDefault();
      this.#choose(items[(at + step + items.length) % items.length]);
    } else if (event.key === "Enter" && items[at]) {
      event.preventDefault();
      items[at].click();
    }
  }
}
customElements.define("command-box", CommandBox);
