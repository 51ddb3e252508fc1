// <keep-draft name="…"> around a textarea: what was typed outlives a lost connection, an ended session and a reload,
// in this tab only and until it has been saved.
class KeepDraft extends HTMLElement {
  connectedCallback() {
    const text = this.querySelector("textarea");
    const key = `draft-${this.getAttribute("name")}`;
    if (!text.value) text.value = sessionStorage.getItem(key) ?? "";
    text.addEventListener("input", () => {
      if (text.value) sessionStorage.setItem(key, text.value);
      else sessionStorage.removeItem(key);
    });
    text.form?.addEventListener("htmx:beforeOnLoad", ({ detail: { xhr } }) => {
      if (xhr.status === 200 && !xhr.getResponseHeader("HX-Redirect")) sessionStorage.removeItem(key);
    });
  }
}
customElements.define("keep-draft", KeepDraft);
