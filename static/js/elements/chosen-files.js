// Around an <input type="file">: says which files were chosen in the page's own words and hides what the browser says.
class ChosenFiles extends HTMLElement {
  connectedCallback() {
    const told = document.createElement("output");
    told.className = "filer__names";
    this.append(told);
    this.#input.addEventListener("change", () => {
      told.textContent = [...this.#input.files].map((file) => file.name).join(", ");
    });
  }

  get #input() {
    return this.querySelector("input");
  }
}
customElements.define("chosen-files", ChosenFiles);
