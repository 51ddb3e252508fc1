// Toasts: those the page came with, and those an htmx answer sends as a "toast" event. They stay while hovered or focused.
class ToastStack extends HTMLElement {
  #stay = 8000;
  #heard = (event) => event.detail.toasts?.forEach((toast) => this.#show(toast));

  connectedCallback() {
    document.body.addEventListener("toast", this.#heard);
    this.addEventListener("click", (event) => {
      if (event.target.closest("[data-close]")) event.target.closest(".toast").remove();
    });
    this.querySelectorAll(".toast").forEach((toast) => this.#leaveLater(toast));
  }

  disconnectedCallback() {
    document.body.removeEventListener("toast", this.#heard);
  }

  #show({ text, undo }) {
    const toast = this.querySelector("template").content.firstElementChild.cloneNode(true);
    toast.querySelector(".toast__text").textContent = text;
    if (undo) toast.querySelector("form").action = undo;
    else toast.querySelector("form").remove();
    this.append(toast);
    this.#leaveLater(toast);
  }

  #leaveLater(toast) {
    setTimeout(() => {
      if (toast.matches(":hover, :focus-within")) this.#leaveLater(toast);
      else toast.remove();
    }, this.#stay);
  }
}
customElements.define("toast-stack", ToastStack);
