// A short message over the photo, announced to screen readers, which disappears after five seconds.

const SHOWN_MS = 5000

export class Toast {
  #element = document.createElement("div")
  #timer

  constructor(pswp) {
    this.#element.className = "lightbox-toast"
    this.#element.setAttribute("role", "status")
    pswp.on("initialLayout", () => pswp.element.append(this.#element))
    pswp.on("destroy", () => clearTimeout(this.#timer))
  }

  show(message) {
    clearTimeout(this.#timer)
    this.#element.textContent = message
    this.#timer = setTimeout(() => (this.#element.textContent = ""), SHOWN_MS)
  }
}
