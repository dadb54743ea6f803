// Full screen, where the browser supports it for pages (an iPhone does not).

export class FullScreen {
  exists = document.fullscreenEnabled === true
  #pswp

  constructor(pswp) {
    this.#pswp = pswp
    const changed = () => pswp.dispatch("fullScreenChange")
    document.addEventListener("fullscreenchange", changed)
    pswp.on("close", () => this.isOn && document.exitFullscreen())
    pswp.on("destroy", () => document.removeEventListener("fullscreenchange", changed))
  }

  get isOn() {
    return document.fullscreenElement === this.#pswp.element
  }

  toggle() {
    if (!this.exists) return
    const done = this.isOn ? document.exitFullscreen() : this.#pswp.element.requestFullscreen({ navigationUI: "hide" })
    done.catch(() => {}) // refused by the browser
  }
}
