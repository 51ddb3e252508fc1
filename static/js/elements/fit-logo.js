// <fit-logo> around a file field: a picture is made small before it is sent, since the form that shows it must be light.
const WIDEST = 320;
const HIGHEST = 96;

class FitLogo extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", (event) => this.#fit(event.target));
  }

  async #fit(input) {
    const file = input.files?.[0];
    const heaviest = Number(input.dataset.heaviest);
    if (!file || file.size <= heaviest) return;
    const picture = await createImageBitmap(file).catch(() => null);
    if (!picture) return;
    for (let scale = Math.min(1, WIDEST / picture.width, HIGHEST / picture.height); scale > 0.02; scale *= 0.8) {
      const small = await this.#drawn(picture, scale);
      if (small && small.size <= heaviest) return this.#take(input, small);
    }
  }

  #drawn(picture, scale) {
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.9));
  }

  #take(input, blob) {
    const files = new DataTransfer();
    files.items.add(new File([blob], "logo", { type: blob.type }));
    input.files = files.files;
  }
}
customElements.define("fit-logo", FitLogo);
