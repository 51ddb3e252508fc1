// Goes on when the site answers as the shop it is waiting for: the old process may still answer for a second.
class WaitForShop extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(() => this.#look(), 1000);
  }
  disconnectedCallback() {
    clearInterval(this.timer);
  }
  async #look() {
    try {
      const answer = await fetch(this.getAttribute("ask"), { cache: "no-store" });
      const { shop } = await answer.json();
      if (shop === this.getAttribute("shop")) location.replace(this.getAttribute("then"));
    } catch {
      // Restarting: nobody answers for a moment.
    }
  }
}
customElements.define("wait-for-shop", WaitForShop);
