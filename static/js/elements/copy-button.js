// Copies its text attribute; says so by data-copied, which the stylesheet shows.
class CopyButton extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", () => this.#copy());
  }

  async #copy() {
    await navigator.clipboard.writeText(this.getAttribute("text"));
    this.dataset.copied = "";
    setTimeout(() => delete this.dataset.copied, 2000);
  }
}
customElements.define("copy-button", CopyButton);
