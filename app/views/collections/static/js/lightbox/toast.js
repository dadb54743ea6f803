// A short sentence over the picture, read aloud as well, that goes by itself.

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

  say(words) {
    clearTimeout(this.#timer)
    this.#element.textContent = words
    this.#timer = setTimeout(() => (this.#element.textContent = ""), SHOWN_MS)
  }
}
