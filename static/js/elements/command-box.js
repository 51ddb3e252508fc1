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
    this.#offerActions();
    this.#filterPages();
  }

  // What can be done with the rows that are ticked: the buttons of the bulk bar, to be chosen by the keyboard.
  #offerActions() {
    const group = this.querySelector(".command__actions");
    const bar = document.querySelector("main .bulk:not([hidden])");
    group?.querySelectorAll("[role=option]").forEach((option) => option.remove());
    for (const button of bar?.querySelectorAll(".bulk__actions :is(a, button):not([data-pick-none], :disabled, [aria-disabled=true])") ?? []) {
      const option = this.querySelector("template").content.firstElementChild.cloneNode(true);
      option.querySelector("span").textContent = button.textContent.trim();
      option.addEventListener("click", () => {
        this.hidePopover();
        button.click();
      });
      group.append(option);
    }
  }

  #items() {
    return [...this.querySelectorAll("[role=option]:not([hidden])")];
  }

  #filterPages() {
    const words = this.#input.value.trim().toLowerCase();
    if (!words) this.querySelector(".command__people").replaceChildren();
    for (const group of this.querySelectorAll(".command__actions, .command__pages")) {
      for (const option of group.querySelectorAll("[role=option]")) {
        option.hidden = !option.querySelector("span").textContent.toLowerCase().includes(words);
      }
      group.hidden = !group.querySelector("[role=option]:not([hidden])");
    }
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
