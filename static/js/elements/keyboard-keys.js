// Keys outside inputs: "g c" goes, j k x Enter work a list, "?" tells, any [aria-keyshortcuts] is pressed by its letter.
// Inside a form Ctrl+Enter saves.
class KeyboardKeys extends HTMLElement {
  #going = -Infinity; // when g was pressed
  #heard = (event) => this.#key(event);

  connectedCallback() {
    document.addEventListener("keydown", this.#heard);
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this.#heard);
  }

  #key(event) {
    if (event.defaultPrevented || event.isComposing) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return this.#save(event, target);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const writing = target.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])");
    if (event.key === "Escape" && writing && !target.closest("[popover]")) return target.blur();
    if (writing || target.closest("[popover], dialog")) return;
    if (this.#act(event, target)) event.preventDefault();
  }

  #save(event, target) {
    const form = target.closest("form") ?? document.querySelector('main [aria-keyshortcuts="Control+Enter"]')?.form;
    if (!form) return;
    event.preventDefault();
    const buttons = [...form.elements].filter((one) => one.type === "submit" && !one.disabled);
    form.requestSubmit(buttons.find((one) => one.matches(".button--primary")) ?? buttons[0]); // its name says what to do
  }

  #act(event, target) {
    if (event.key === "?") return document.getElementById("keys")?.togglePopover() ?? true;
    if (event.timeStamp - this.#going < 1200 && this.#go(event.key)) return true;
    this.#going = event.key === "g" ? event.timeStamp : -Infinity;
    if (event.key === "g") return true;
    return this.#press(event.key) || this.#walk(event.key, target);
  }

  #go(key) {
    this.#going = -Infinity;
    const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    link?.click();
    return Boolean(link);
  }

  #press(key) {
    if (key.length !== 1) return false;
    const means = `[aria-keyshortcuts="${CSS.escape(key)}"]`;
    const named = document.querySelector(`main ${means}`) ?? [...document.querySelectorAll(`toast-stack ${means}`)].at(-1);
    if (named?.matches("input")) named.select();
    else named?.click();
    return Boolean(named);
  }

  #walk(key, target) {
    const rows = [...document.querySelectorAll("main .list tbody tr, main .answers > li")];
    const links = rows.map((row) => row.querySelector(".list__name"));
    const at = rows.findIndex((row) => row.contains(target));
    if (key === "j" || key === "k") {
      const next = at < 0 ? 0 : Math.min(Math.max(at + (key === "j" ? 1 : -1), 0), rows.length - 1);
      links[next]?.focus();
      return Boolean(links[next]);
    }
    if (key === "x" && at >= 0) {
      rows[at].querySelector("input[type=checkbox]")?.click();
      return true;
    }
    return false;
  }
}
customElements.define("keyboard-keys", KeyboardKeys);
